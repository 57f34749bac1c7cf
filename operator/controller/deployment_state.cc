#include "operator/controller/deployment_state.h"

#include "operator/kube/object.h"

namespace otlpipe::controller {

DeploymentState read_deployment(const nlohmann::json* deployment) {
  DeploymentState state;
  if (deployment == nullptr) {
    return state;
  }
  state.exists = true;
  state.observed = kube::find_int(*deployment, "status.observedGeneration") >= kube::generation(*deployment);
  state.wanted = kube::find_int(*deployment, "spec.replicas", 1);
  state.replicas = kube::find_int(*deployment, "status.replicas");
  state.updated = kube::find_int(*deployment, "status.updatedReplicas");
  state.ready = kube::find_int(*deployment, "status.readyReplicas");
  const nlohmann::json* conditions = kube::find(*deployment, "status.conditions");
  if (conditions == nullptr || !conditions->is_array()) {
    return state;
  }
  for (const nlohmann::json& condition : *conditions) {
    const auto type = kube::find_string(condition, "type");
    if (type == "ReplicaFailure" && kube::find_string(condition, "status") == "True") {
      state.failure = kube::find_string(condition, "message");
    }
    if (type == "Progressing" && kube::find_string(condition, "reason") == "ProgressDeadlineExceeded") {
      state.deadline = true;
    }
  }
  return state;
}

}  // namespace otlpipe::controller
