#include "operator/controller/plan.h"

#include "operator/controller/drift.h"
#include "operator/kube/resources.h"

namespace otlpipe::controller {
namespace {

using nlohmann::json;

std::string_view replicas_owner(const json& object) {
  return kube::annotation(object, render::kReplicasOwnerAnnotation);
}

// Leaving a field out of an apply removes it when nobody else owns it, and a Deployment without replicas
// falls back to 1. So the field first goes to another manager. See Kubernetes, "Server-Side Apply:
// transferring ownership".
bool hands_over_replicas(const json& wanted, const json& live) {
  return replicas_owner(wanted) == "autoscaler" && replicas_owner(live) == "spec";
}

}  // namespace

ChildId id_of(const render::Child& child) {
  return {child.resource, std::string(kube::name(child.object))};
}

Plan make_plan(const PlanInput& input, const AppliedMemory& memory, MonotonicTime now) {
  Plan plan;
  std::set<ChildId> wanted;
  for (const render::Child& child : input.desired) {
    const ChildId id = id_of(child);
    wanted.insert(id);
    if (input.foreign.contains(id)) {
      plan.conflicts.push_back(id.to_string());
      continue;
    }
    const auto found = input.mine.find(id);
    if (found == input.mine.end()) {
      plan.actions.push_back({Action::Kind::kCreate, id, child.object});
      continue;
    }
    const json& live = *found->second;
    const auto known = memory.find(id);
    const bool same_words = known != memory.end() && known->second.said == child.object;
    if (same_words && project(child.object, live) == known->second.became) {
      continue;
    }
    if (same_words && now - known->second.at < kFightPause) {
      plan.postponed = true;
      continue;
    }
    const auto kind =
        hands_over_replicas(child.object, live) ? Action::Kind::kHandOver : Action::Kind::kUpdate;
    plan.actions.push_back({kind, id, child.object, std::string(kube::uid(live))});
  }
  for (const auto& [id, live] : input.mine) {
    if (input.deletes && !wanted.contains(id) && !input.keep.contains(id) && !kube::is_deleting(*live)) {
      plan.actions.push_back({Action::Kind::kDelete, id, json(), std::string(kube::uid(*live))});
    }
  }
  return plan;
}

}  // namespace otlpipe::controller
