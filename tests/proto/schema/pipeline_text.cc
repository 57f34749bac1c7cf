#include "tests/proto/schema/pipeline_text.h"

#include <stdexcept>

#include "common/doc/reader.h"
#include "proto/schema/decode.h"

namespace otlpipe::schema {

using nlohmann::json;

json from_yaml(std::string_view text) {
  const auto documents = doc::parse_yaml(text, "test");
  if (!documents) throw std::runtime_error(documents.error().to_string());
  return documents->at(0).root();
}

json small_spec() {
  return from_yaml(R"(
receivers: [{name: otlp, otlp: {grpc: {}, http: {}}}]
processors: [{name: batch, batch: {}}]
exporters:
  - {name: grpc, otlpGrpc: {endpoint: "backend:4317", tls: {insecure: true}}}
  - {name: http, otlpHttp: {endpoint: "http://backend:4318"}}
pipelines: [{name: all, receivers: [otlp], processors: [batch], exporters: [grpc]}]
)");
}

std::vector<std::string> errors_of(const json& spec) {
  v1alpha1::OtlpPipelineSpec out;
  std::vector<std::string> lines;
  for (const FieldError& error : decode(spec, out, "spec")) lines.push_back(error.to_string());
  return lines;
}

v1alpha1::OtlpPipelineSpec decoded(const json& spec) {
  v1alpha1::OtlpPipelineSpec out;
  const FieldErrors errors = decode(spec, out, "spec");
  if (!errors.empty()) throw std::runtime_error(errors.front().to_string());
  return out;
}

}  // namespace otlpipe::schema
