#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

namespace otlpipe::controller {

// What a Deployment's status says, with the traps taken out: a status that speaks of an older generation
// counts as nothing done yet.
struct DeploymentState {
  bool exists = false;
  bool observed = false;  // its controller has seen the newest spec
  std::int64_t wanted = 0;
  std::int64_t replicas = 0;
  std::int64_t updated = 0;
  std::int64_t ready = 0;
  std::string failure;    // ReplicaFailure: pods cannot be made (quota, policy)
  bool deadline = false;  // ProgressDeadlineExceeded

  bool complete() const { return observed && updated == wanted && replicas == wanted && ready >= wanted; }
};

// `deployment` may be null.
DeploymentState read_deployment(const nlohmann::json* deployment);

}  // namespace otlpipe::controller
