#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "operator/api/pipeline.h"
#include "operator/kube/object.h"

namespace otlpipe::render {

// Where things are inside a worker's pod.
inline constexpr std::string_view kConfigFolder = "/etc/otlpipe";
inline constexpr std::string_view kConfigFile = "config.json";
inline constexpr std::string_view kControlCaFile = "control-ca.crt";
inline constexpr std::string_view kTokenFolder = "/var/run/secrets/otlpipe";
inline constexpr std::string_view kTokenFile = "token";
inline constexpr std::string_view kDataFolder = "/var/lib/otlpipe";
using api::kTokenAudience;
inline constexpr std::string_view kWorkerContainer = "worker";

// Annotations of ours.
inline constexpr std::string_view kConfigHashAnnotation = "otlpipe.io/config-hash";
inline constexpr std::string_view kReplicasOwnerAnnotation = "otlpipe.io/replicas-owner";
// On pods: the memory limit of their template in bytes, or "none". The pod's own may be another one
// (LimitRange, VPA).
inline constexpr std::string_view kMemoryLimitAnnotation = "otlpipe.io/memory-limit";
inline constexpr std::string_view kReservedPrefix = "otlpipe.io/";

// What is the same for every pipeline of one operator.
struct Release {
  std::string version;              // "0.1.0"
  std::string worker_image;         // for pipelines that name none
  std::string control_ca_pem = {};  // what the operator's control certificate comes from
};

using Port = api::Listener;

// One configuration of the workers.
struct Configuration {
  std::string json;  // WorkerConfig as proto3 JSON, what goes into the file
  std::string hash;  // of that text
  std::vector<Port> ports;
};

// The resource that is rendered. `spec` has the shape of OtlpPipeline.spec and is valid.
struct Pipeline {
  std::string name;
  std::string ns;
  std::string uid;
  std::string api_version;  // "otlpipe.io/v1alpha1"
  std::string kind;         // "OtlpPipeline"
  nlohmann::json spec;
  std::uint16_t metrics_port = 8888;
};

struct Child {
  kube::Resource resource;
  nlohmann::json object;
};

// Who decides how many workers there are.
enum class ReplicasOwner { kSpec, kAutoscaler };

}  // namespace otlpipe::render
