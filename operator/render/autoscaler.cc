#include "operator/render/autoscaler.h"

#include "operator/kube/resources.h"
#include "operator/render/meta.h"

namespace otlpipe::render {
namespace {

nlohmann::json utilization(std::string_view resource, const nlohmann::json& percent) {
  return {{"type", "Resource"},
          {"resource",
           {{"name", resource}, {"target", {{"type", "Utilization"}, {"averageUtilization", percent}}}}}};
}

// "2" may be written as text; Kubernetes takes text only for percentages.
nlohmann::json count_or_percent(const nlohmann::json& value) {
  if (!value.is_string()) {
    return value;
  }
  const auto& text = value.get_ref<const std::string&>();
  const bool digits = !text.empty() && text.size() < 9 && text.find_first_not_of("0123456789") == text.npos;
  return digits ? nlohmann::json(std::stoi(text)) : value;
}

// autoscaling/v2 scales on 80 % CPU when it is told no metric; said here so that the object shows it.
constexpr int kDefaultCpuUtilization = 80;

}  // namespace

ReplicasOwner replicas_owner(const Pipeline& pipeline) {
  return kube::find(pipeline.spec, "autoscaling") != nullptr ? ReplicasOwner::kAutoscaler
                                                             : ReplicasOwner::kSpec;
}

std::optional<Child> autoscaler(const Pipeline& pipeline, const Release& release) {
  const nlohmann::json* wanted = kube::find(pipeline.spec, "autoscaling");
  if (wanted == nullptr) {
    return std::nullopt;
  }
  Child child{kube::horizontal_pod_autoscalers(),
              new_child(kube::horizontal_pod_autoscalers(), pipeline.name, pipeline, release)};
  nlohmann::json metrics = nlohmann::json::array();
  if (wanted->contains("targetCPUUtilization")) {
    metrics.push_back(utilization("cpu", wanted->at("targetCPUUtilization")));
  }
  if (wanted->contains("targetMemoryUtilization")) {
    metrics.push_back(utilization("memory", wanted->at("targetMemoryUtilization")));
  }
  if (metrics.empty()) {
    metrics.push_back(utilization("cpu", kDefaultCpuUtilization));
  }
  child.object["spec"] = {{"scaleTargetRef",
                           {{"apiVersion", kube::deployments().api_version()},
                            {"kind", kube::deployments().kind},
                            {"name", pipeline.name}}},
                          {"maxReplicas", kube::find_int(*wanted, "maxReplicas", 1)},
                          {"minReplicas", kube::find_int(*wanted, "minReplicas", 1)},
                          {"metrics", std::move(metrics)}};
  const nlohmann::json* behavior = kube::find(*wanted, "behavior");
  if (behavior != nullptr && behavior->is_object() && !behavior->empty()) {
    child.object["spec"]["behavior"] = *behavior;
  }
  return child;
}

std::optional<Child> disruption_budget(const Pipeline& pipeline, const Release& release) {
  const nlohmann::json* wanted = kube::find(pipeline.spec, "podDisruptionBudget");
  if (wanted == nullptr) {
    return std::nullopt;
  }
  Child child{kube::pod_disruption_budgets(),
              new_child(kube::pod_disruption_budgets(), pipeline.name, pipeline, release)};
  nlohmann::json& spec = child.object["spec"];
  for (const char* field : {"minAvailable", "maxUnavailable"}) {
    if (wanted->contains(field)) {
      spec[field] = count_or_percent(wanted->at(field));
    }
  }
  spec["selector"]["matchLabels"] = selector_labels(pipeline.name);
  // A worker that never becomes ready must not keep a node from being drained.
  spec["unhealthyPodEvictionPolicy"] = "AlwaysAllow";
  return child;
}

}  // namespace otlpipe::render
