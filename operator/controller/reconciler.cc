#include "operator/controller/reconciler.h"

#include <algorithm>
#include <utility>

#include "operator/controller/children.h"
#include "operator/controller/status.h"
#include "operator/controller/turn.h"
#include "operator/kube/resources.h"
#include "operator/render/checks.h"
#include "operator/render/meta.h"

namespace otlpipe::controller {

using nlohmann::json;
using runtime::Outcome;

std::vector<std::string> index_by_pipeline(const json& pod) {
  const auto name = kube::label(pod, "app.kubernetes.io/instance");
  if (name.empty()) {
    return {};
  }
  return {kube::ObjectKey{std::string(kube::name_space(pod)), std::string(name)}.to_string()};
}

std::vector<kube::ObjectKey> pipeline_of_pod(const runtime::Change& change) {
  const json& pod = change.latest();
  const auto name = kube::label(pod, "app.kubernetes.io/instance");
  if (name.empty()) {
    return {};
  }
  return {{std::string(kube::name_space(pod)), std::string(name)}};
}

kube::ObjectPtr PipelineReconciler::Turn::deployment() const {
  const auto found = mine.find({kube::deployments(), key.name});
  return found == mine.end() ? nullptr : found->second;
}

PipelineReconciler::PipelineReconciler(ReconcilerOptions options, Caches caches, kube::Client& client,
                                       control::Fleet& fleet, runtime::EventRecorder& events,
                                       const Clock& clock, Logger logger)
    : options_(std::move(options)),
      caches_(std::move(caches)),
      client_(client),
      fleet_(fleet),
      events_(events),
      clock_(clock),
      logger_(std::move(logger)),
      started_(clock.now()) {}

PipelineReconciler::~PipelineReconciler() = default;

std::shared_ptr<PipelineReconciler::Memory> PipelineReconciler::memory_of(const kube::ObjectKey& key) {
  const std::lock_guard lock(mutex_);
  auto& memory = memories_[key];
  if (!memory) {
    memory = std::make_shared<Memory>();
  }
  return memory;
}

std::map<std::string, int> PipelineReconciler::phases() const {
  std::map<std::string, int> result;
  for (const kube::ObjectPtr& pipeline : caches_.pipelines->list()) {
    const auto phase = kube::find_string(*pipeline, "status.phase");
    ++result[phase.empty() ? "Pending" : std::string(phase)];
  }
  return result;
}

Result<Outcome> PipelineReconciler::reconcile(const kube::ObjectKey& key) {
  const kube::ObjectPtr object = caches_.pipelines->get(key);
  if (!object) {
    fleet_.forget(key);
    const std::lock_guard lock(mutex_);
    memories_.erase(key);
    return Outcome{};
  }
  if (waits_for_certificates()) {
    return Outcome{.requeue_after = std::chrono::milliseconds(200)};
  }
  Turn turn;
  turn.key = key;
  turn.object = *object;
  turn.base_version = kube::resource_version(*object);
  turn.memory = memory_of(key);
  observe(turn);
  // Once it is being deleted the garbage collector does the rest; nothing may be made anew.
  if (!kube::is_deleting(turn.object)) {
    decide_configuration(turn);
    if (turn.wanted) {
      if (const Status done = converge(turn); !done && !turn.error) {
        turn.error = done.error();
      }
    }
  }
  if (const Status published = publish_status(turn); !published && !turn.error) {
    // Gone in the meantime: the next turn, which its deletion causes, finds out.
    if (published.error().code != Code::kNotFound) {
      turn.error = published.error();
    }
  }
  if (turn.error) {
    return fail(*turn.error);
  }
  return outcome(turn);
}

// The authority's certificate is part of the ConfigMap. It is there a moment after the start; when it cannot
// be had at all, workers run on without an operator, which is better than not at all.
bool PipelineReconciler::waits_for_certificates() const {
  return !options_.control.endpoint.empty() && clock_.now() - started_ < options_.certificate_patience &&
         options_.release().control_ca_pem.empty();
}

void PipelineReconciler::observe(Turn& turn) {
  Memory& memory = *turn.memory;
  const std::string uid(kube::uid(turn.object));
  if (memory.uid != uid) {
    if (!memory.uid.empty()) {
      fleet_.forget(turn.key);  // another resource with the same name
    }
    memory = Memory{};
    memory.uid = uid;
  }
  if (!memory.status.is_null() && memory.status_base == turn.base_version) {
    turn.object["status"] = memory.status;
  }
  const json* spec = kube::find(turn.object, "spec");
  turn.pipeline = {.name = turn.key.name,
                   .ns = turn.key.ns,
                   .uid = uid,
                   .api_version = api::otlp_pipelines().api_version(),
                   .kind = api::otlp_pipelines().kind,
                   .spec = spec == nullptr ? json::object() : *spec};
  turn.paused = kube::find_string(turn.pipeline.spec, "managementState") == "Paused";
  for (const auto& [resource, cache] : caches_.children) {
    for (kube::ObjectPtr& child : cache->by_index(kOwnerIndex, uid)) {
      if (kube::name_space(*child) == turn.key.ns) {
        turn.mine.emplace(ChildId{resource, std::string(kube::name(*child))}, std::move(child));
      }
    }
  }
  turn.pods = caches_.pods->by_index(kPipelineIndex, turn.key.to_string());
  turn.stable = stable_configuration(turn.pipeline, turn.mine);
}

void PipelineReconciler::decide_configuration(Turn& turn) {
  auto resolved = api::resolve(turn.object, options_.control);
  if (!resolved) {
    turn.problems = std::move(resolved.error());
    turn.running = turn.stable;
    turn.fleet = fleet_.report(turn.key);
    return;
  }
  const api::DataPlane& plane = resolved->data_plane;
  turn.pipeline.spec = std::move(resolved->spec);
  turn.pipeline.metrics_port = plane.metrics_port;
  turn.problems = render::check(turn.pipeline, plane.listeners);
  if (!turn.problems.empty()) {
    turn.running = turn.stable;
    turn.fleet = fleet_.report(turn.key);
    return;
  }
  turn.wanted = render::Configuration{plane.json, plane.hash, plane.listeners};
  control::WantedConfig wanted{.wanted = {plane.hash, plane.json}, .paused = turn.paused};
  if (turn.stable) {
    wanted.stable = control::ConfigVersion{turn.stable->hash, turn.stable->json};
  }
  wanted.left_alone = pods_left_alone(turn.pipeline, turn.pods);
  // A new operator knows no worker yet, although they run: what they have not seen is not accepted for them.
  wanted.workers_expected =
      clock_.now() - started_ < options_.restart_patience &&
      std::ranges::any_of(
          turn.pods,
          [](const kube::ObjectPtr& pod) { return kube::find_string(*pod, "status.phase") == "Running"; });
  fleet_.want(turn.key, std::move(wanted));
  turn.fleet = fleet_.report(turn.key);
  const bool decided = turn.paused || turn.fleet.phase == control::RolloutPhase::kAccepted;
  turn.running = decided ? turn.wanted : turn.stable;
}

Outcome PipelineReconciler::outcome(const Turn& turn) const {
  Outcome result;
  const auto again = [&](Duration delay) {
    result.requeue_after = result.requeue_after ? std::min(*result.requeue_after, delay) : delay;
  };
  if (turn.fleet.next_deadline) {
    again(*turn.fleet.next_deadline + std::chrono::milliseconds(100));
  }
  if (turn.memory->settling_since) {
    again(options_.settle_patience);
  }
  if (turn.postponed) {
    again(kFightPause);
  }
  if (!turn.conflicts.empty()) {
    again(options_.conflict_pause);  // nobody tells when what is in the way goes: it is not ours to watch
  }
  if (turn.fleet.per_minute != control::Flow{}) {
    again(options_.refresh);
  }
  if (clock_.now() - started_ < options_.restart_patience) {
    again(options_.restart_patience);
  }
  return result;
}

}  // namespace otlpipe::controller
