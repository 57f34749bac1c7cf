#include "operator/controller/status.h"
#include "operator/controller/turn.h"

// How a turn says what is true: the status, written when it differs, and events for what changed.

namespace otlpipe::controller {

using nlohmann::json;

namespace {

const json& conditions_of(const json& status) {
  static const json kNone = json::array();
  const json* list = kube::find(status, "conditions");
  return list == nullptr ? kNone : *list;
}

// Conditions whose changes are worth an event. Ready only repeats the others.
constexpr const char* kTold[] = {"ConfigurationValid", "Progressing", "Available", "FlowHealthy"};

}  // namespace

Status PipelineReconciler::publish_status(Turn& turn) {
  Memory& memory = *turn.memory;
  const MonotonicTime now = clock_.now();
  if (!settling(turn.fleet)) {
    memory.settling_since.reset();
  } else if (!memory.settling_since) {
    memory.settling_since = now;
  }
  // Most reconfigurations are over within a blink; the status tells how it ended.
  if (memory.settling_since && now - *memory.settling_since < options_.settle_patience && !turn.error) {
    return {};
  }
  StatusInput input{.pipeline = turn.object, .now = clock_.wall_now()};
  input.problems = turn.problems;
  if (turn.wanted) {
    input.config_hash = turn.wanted->hash;
  } else if (turn.stable) {
    input.config_hash = turn.stable->hash;
  }
  if (turn.running) {
    input.ports = turn.running->ports;
  }
  input.fleet = turn.fleet;
  input.deployment = turn.deployment();
  input.pods = turn.pods;
  input.conflicts = turn.conflicts;
  input.apply_error = turn.error ? turn.error->to_string() : "";
  input.paused = turn.paused;
  input.pending = turn.pending;
  input.just_started = now - started_ < options_.restart_patience;

  json status = make_status(input);
  const json before = turn.object.value("status", json::object());
  if (status == before) {
    return {};
  }
  const json patch = {
      {"apiVersion", turn.pipeline.api_version},
      {"kind", turn.pipeline.kind},
      {"metadata", {{"name", turn.key.name}, {"namespace", turn.key.ns}, {"uid", turn.pipeline.uid}}},
      {"status", status}};
  const auto written = client_.apply(api::otlp_pipelines(), patch, {.subresource = "status"});
  if (!written) {
    return fail(written.error().in("cannot write the status"));
  }
  tell_changes(turn, before, status);
  memory.status = std::move(status);
  memory.status_base = turn.base_version;
  return {};
}

void PipelineReconciler::tell_changes(const Turn& turn, const json& before, const json& after) {
  for (const char* type : kTold) {
    const Condition was = find_condition(conditions_of(before), type);
    const Condition is = find_condition(conditions_of(after), type);
    // That workers are not there yet right after they were made is no news.
    const bool starting = is.type == "Available" && !was.is_true();
    if (is.is_false() && !starting && (!was.is_false() || was.reason != is.reason)) {
      events_.record(turn.object, runtime::EventType::kWarning, is.reason, "Reconcile",
                     std::string(type) + ": " + is.message);
    } else if (is.is_true() && was.is_false()) {
      events_.record(turn.object, runtime::EventType::kNormal, is.reason, "Reconcile",
                     std::string(type) + ": " + is.message);
    }
  }
  const auto hash = kube::find_string(after, "configHash");
  if (turn.fleet.phase == control::RolloutPhase::kAccepted &&
      hash != kube::find_string(before, "configHash")) {
    events_.record(turn.object, runtime::EventType::kNormal, "ConfigurationAccepted", "Reconcile",
                   "configuration " + std::string(hash.substr(0, 12)) + " goes to all workers");
  }
}

}  // namespace otlpipe::controller
