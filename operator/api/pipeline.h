#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "operator/api/field_problem.h"
#include "operator/kube/object.h"

namespace otlpipe::api {

// The OtlpPipeline resource as the operator sees it: from the JSON of the API server to what the workers run.
// Pure and thread safe. The schema itself, with its defaults and rules, is proto/schema's.

inline kube::Resource otlp_pipelines() {
  return {"otlpipe.io", "v1alpha1", "otlppipelines", "OtlpPipeline"};
}

// Whom the workers' projected tokens are for.
inline constexpr std::string_view kTokenAudience = "otlpipe-operator";

// How workers reach the operator; becomes WorkerConfig.control.
struct ControlSettings {
  std::string endpoint;     // HOST:PORT; empty: workers run on their own
  std::string server_name;  // empty: the host of `endpoint`
  std::string ca_file;
  std::string token_file;
};

// A port on which a receiver listens.
struct Listener {
  std::string receiver;
  std::string protocol;  // "grpc" or "http"
  std::uint16_t port = 0;
  bool operator==(const Listener&) const = default;
};

// What the workers run.
struct DataPlane {
  std::string json;  // WorkerConfig, as it goes into the ConfigMap
  std::string hash;  // SHA-256 of that text, hex
  std::vector<Listener> listeners;
  std::uint16_t metrics_port = 0;
};

// A resource that was found valid.
struct Resolved {
  nlohmann::json spec;  // as the user wrote it, with the defaults of what he left out
  DataPlane data_plane;
};

// Decodes and validates the resource and resolves it for the workers. Every problem at once. The status is
// not looked at.
tl::expected<Resolved, std::vector<FieldProblem>> resolve(const nlohmann::json& object,
                                                          const ControlSettings& control);

// Reads a WorkerConfig that was written earlier, maybe by another release: the hash is computed, and what
// cannot be read is left out.
DataPlane read_data_plane(std::string json);

}  // namespace otlpipe::api
