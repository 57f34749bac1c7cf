// Scenario: any YAML as an OtlpPipeline and as a worker's configuration. Guarantees: no crash; what is
// accepted encodes to JSON that is accepted again and encodes to the same; expanding references never
// crashes.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <nlohmann/json.hpp>

#include "common/doc/reader.h"
#include "otlpipe/v1alpha1/pipeline.pb.h"
#include "otlpipe/v1alpha1/worker_config.pb.h"
#include "proto/schema/decode.h"
#include "proto/schema/encode.h"
#include "proto/schema/environment.h"
#include "proto/schema/worker_config.h"

namespace {

namespace schema = otlpipe::schema;

template <typename Message>
void check(const nlohmann::json& in) {
  Message message;
  if (!schema::decode(in, message, "").empty()) return;
  const nlohmann::json out = schema::encode(message);
  Message again;
  if (!schema::decode(out, again, "").empty()) std::abort();
  if (schema::encode(again) != out) std::abort();
  (void)schema::expand_environment(again, [](const std::string& name) { return std::optional(name); }, "");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto documents = otlpipe::doc::parse_yaml({reinterpret_cast<const char*>(data), size}, "f");
  if (!documents) return 0;
  for (const auto& document : *documents) {
    check<otlpipe::v1alpha1::OtlpPipeline>(document.root());
    check<otlpipe::v1alpha1::OtlpPipelineSpec>(document.root());
    check<otlpipe::v1alpha1::WorkerConfig>(document.root());
    check<otlpipe::v1alpha1::OtlpPipelineStatus>(document.root());
  }
  return 0;
}
