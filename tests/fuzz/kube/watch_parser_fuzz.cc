// Scenario: any bytes as the body of a watch, in pieces whose size the first byte says. Guarantees: no crash,
// no run-away; the events and the verdict do not depend on how the bytes are cut.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "operator/kube/watch_parser.h"

namespace {

std::string parse(std::string_view bytes, std::size_t piece) {
  otlpipe::kube::WatchParser parser(1000, "f");
  std::string seen;
  const auto on_event = [&seen](otlpipe::kube::WatchEventType type, nlohmann::json&& object) {
    seen += std::to_string(static_cast<int>(type));
    seen += object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  };
  while (!bytes.empty()) {
    if (const otlpipe::Status fed = parser.feed(bytes.substr(0, piece), on_event); !fed)
      return seen + fed.error().message;
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  const otlpipe::Status ended = parser.finish();
  return ended ? seen : seen + ended.error().message;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (parse(bytes, 1U + data[0]) != parse(bytes, size)) std::abort();
  return 0;
}
