// Scenario: any text as an expression. Guarantees: compiling and evaluating never crash and are bounded.
#include <cstdint>
#include <string_view>

#include "proto/schema/cel/expression.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace otlpipe::schema::cel;
  const auto expression = Expression::compile({reinterpret_cast<const char*>(data), size});
  if (!expression) return 0;
  const Value self = Value::map({{"n", Value{std::int64_t{5}}},
                                 {"t", Value{std::string("text")}},
                                 {"l", Value::list({Value{std::int64_t{1}}, Value{std::string("a")}})}});
  (void)expression->evaluate(self);
  return 0;
}
