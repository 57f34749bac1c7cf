#include <algorithm>

#include "operator/controller/children.h"
#include "operator/controller/drift.h"
#include "operator/controller/turn.h"
#include "operator/kube/resources.h"

// How a turn changes the cluster: plan, then one write after the other. A write that fails does not keep the
// others from being made.

namespace otlpipe::controller {

using nlohmann::json;

namespace {

// Owns nothing but spec.replicas, and only until an autoscaler writes it.
constexpr std::string_view kHandOverManager = "otlpipe-operator-handover";

std::string_view verb(Action::Kind kind) {
  switch (kind) {
    case Action::Kind::kCreate:
      return "create";
    case Action::Kind::kUpdate:
    case Action::Kind::kHandOver:
      return "update";
    case Action::Kind::kDelete:
      return "delete";
  }
  return "";
}

json identity_of(const Action& action, const std::string& ns) {
  return {{"apiVersion", action.id.resource.api_version()},
          {"kind", action.id.resource.kind},
          {"metadata", {{"name", action.id.name}, {"namespace", ns}, {"uid", action.uid}}}};
}

// Pods would wait for a ConfigMap, or run under an account, that is somebody else's. An existing Deployment
// stays as it is.
void leave_out_pods_that_cannot_start(const render::Pipeline& pipeline, PlanInput& input) {
  const auto taken = [&](const ChildId& id) { return input.foreign.contains(id); };
  if (std::ranges::none_of(needed_by_pods(pipeline), taken)) {
    return;
  }
  std::erase_if(input.desired, [](const render::Child& child) {
    return child.resource == kube::deployments() || child.resource == kube::horizontal_pod_autoscalers();
  });
  input.keep.insert({kube::deployments(), pipeline.name});
  input.keep.insert({kube::horizontal_pod_autoscalers(), pipeline.name});
}

}  // namespace

// A desired child that the cache does not show may still exist: made a moment ago, or by somebody else.
Status PipelineReconciler::find_foreign(Turn& turn, PlanInput& input) {
  for (const render::Child& child : input.desired) {
    const ChildId id = id_of(child);
    if (input.mine.contains(id)) {
      continue;
    }
    auto existing = client_.get(id.resource, {turn.key.ns, id.name});
    if (!existing) {
      if (existing.error().code == Code::kNotFound) {
        continue;
      }
      return fail(existing.error());
    }
    if (kube::is_controlled_by(*existing, turn.pipeline.uid)) {
      input.mine.emplace(id, std::make_shared<const json>(std::move(*existing)));
    } else {
      input.foreign.insert(id);
    }
  }
  return {};
}

Status PipelineReconciler::converge(Turn& turn) {
  PlanInput input;
  const kube::ObjectPtr deployment = turn.deployment();
  render::Release release = options_.release();
  if (release.control_ca_pem.empty()) {
    // The operator cannot have its authority now; what the workers trust already is not taken from them.
    release.control_ca_pem = stable_control_ca(turn.pipeline, turn.mine);
  }
  input.desired = desired_children(turn.pipeline, release, turn.running, deployment.get());
  input.mine = turn.mine;
  input.keep = kept_children(turn.pipeline, turn.mine, turn.running);
  if (const Status found = find_foreign(turn, input); !found) {
    return found;
  }
  leave_out_pods_that_cannot_start(turn.pipeline, input);
  const Plan plan = make_plan(input, turn.memory->applied, clock_.now());
  turn.conflicts = plan.conflicts;
  turn.postponed = plan.postponed;
  if (turn.paused) {
    describe_pending(turn, plan);
    return {};
  }
  for (const Action& action : plan.actions) {
    if (const Status done = execute(turn, action); !done && !turn.error) {
      turn.error = done.error();
    }
  }
  return {};
}

// Without a memory of what was applied, a dry run tells whether an update would change anything.
void PipelineReconciler::describe_pending(Turn& turn, const Plan& plan) {
  for (const Action& action : plan.actions) {
    if (action.kind == Action::Kind::kUpdate) {
      const auto live = turn.mine.find(action.id);
      const auto would_be = client_.apply(action.id.resource, action.object, {.dry_run = true});
      if (live != turn.mine.end() && would_be &&
          project(action.object, *would_be) == project(action.object, *live->second)) {
        continue;
      }
    }
    turn.pending.push_back(std::string(verb(action.kind)) + " " + action.id.to_string());
  }
}

Status PipelineReconciler::execute(Turn& turn, const Action& action) {
  if (action.kind == Action::Kind::kDelete) {
    const Status removed =
        client_.remove(action.id.resource, {turn.key.ns, action.id.name}, {.uid = action.uid});
    if (!removed && removed.error().code != Code::kNotFound) {
      return removed;
    }
    turn.memory->applied.erase(action.id);
    logger_.info("deleted", {{"pipeline", turn.key.to_string()}, {"child", action.id.to_string()}});
    events_.record(turn.object, runtime::EventType::kNormal, "Deleted", "Reconcile",
                   "deleted " + action.id.to_string());
    return {};
  }
  if (action.kind == Action::Kind::kHandOver) {
    const auto live = turn.mine.find(action.id);
    json minimal = identity_of(action, turn.key.ns);
    minimal["spec"]["replicas"] =
        live == turn.mine.end() ? 1 : kube::find_int(*live->second, "spec.replicas", 1);
    const auto handed = client_.apply(action.id.resource, minimal,
                                      {.field_manager = std::string(kHandOverManager), .force = false});
    if (!handed) {
      return fail(handed.error());
    }
  }
  return apply(turn, action);
}

Status PipelineReconciler::apply(Turn& turn, const Action& action) {
  json object = action.object;
  if (!action.uid.empty()) {
    object["metadata"]["uid"] = action.uid;  // never another object that took the name
  }
  auto answer = client_.apply(action.id.resource, object, {});
  if (!answer) {
    turn.memory->applied.erase(action.id);
    return fail(answer.error().in(action.id.to_string()));
  }
  turn.memory->applied[action.id] = {action.object, project(action.object, *answer), clock_.now()};
  kube::strip_bulk(*answer);
  turn.mine[action.id] = std::make_shared<const json>(std::move(*answer));
  logger_.info("applied", {{"pipeline", turn.key.to_string()}, {"child", action.id.to_string()}});
  if (action.kind == Action::Kind::kCreate) {
    events_.record(turn.object, runtime::EventType::kNormal, "Created", "Reconcile",
                   "created " + action.id.to_string());
  }
  return {};
}

}  // namespace otlpipe::controller
