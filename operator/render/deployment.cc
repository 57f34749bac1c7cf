#include "operator/render/deployment.h"

#include "operator/kube/resources.h"
#include "operator/render/meta.h"
#include "operator/render/pod_template.h"

namespace otlpipe::render {

Child deployment(const Pipeline& pipeline, const Release& release, std::optional<std::int64_t> replicas,
                 ReplicasOwner owner) {
  Child child{kube::deployments(), new_child(kube::deployments(), pipeline.name, pipeline, release)};
  child.object["metadata"]["annotations"][std::string(kReplicasOwnerAnnotation)] =
      owner == ReplicasOwner::kAutoscaler ? "autoscaler" : "spec";
  // A new worker is ready before an old one goes, so that the service never has fewer than it asked for.
  child.object["spec"] = {
      {"selector", {{"matchLabels", selector_labels(pipeline.name)}}},
      {"strategy", {{"type", "RollingUpdate"}, {"rollingUpdate", {{"maxUnavailable", 0}, {"maxSurge", 1}}}}},
      {"revisionHistoryLimit", 3},
      {"template", pod_template(pipeline, release)},
  };
  if (replicas) {
    child.object["spec"]["replicas"] = *replicas;
  }
  return child;
}

}  // namespace otlpipe::render
