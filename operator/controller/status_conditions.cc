#include <algorithm>
#include <ranges>

#include "operator/controller/deployment_state.h"
#include "operator/controller/pods.h"
#include "operator/controller/status.h"

namespace otlpipe::controller {
namespace {

using control::RolloutPhase;
using nlohmann::json;

constexpr double kQueueNearlyFull = 0.9;

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const std::string& part : parts) {
    text += (text.empty() ? "" : std::string(separator)) + part;
  }
  return text;
}

// The worker's configuration mirrors the spec, so its paths become the user's with one word in front.
std::string spec_path(const std::string& path) {
  return path.empty() || path.starts_with("spec.") ? path : "spec." + path;
}

std::string describe_problems(const std::vector<control::Problem>& problems) {
  std::vector<std::string> texts;
  for (const control::Problem& problem : problems) {
    const std::string path = spec_path(problem.path);
    texts.push_back(path.empty() ? problem.message : path + ": " + problem.message);
  }
  return join(texts, "; ");
}

Condition previous_condition(const StatusInput& input, std::string_view type) {
  const json* list = kube::find(input.pipeline, "status.conditions");
  return list == nullptr ? Condition{} : find_condition(*list, type);
}

std::string count(std::int64_t n, std::string_view of) {
  return std::to_string(n) + " of " + std::string(of);
}

std::int64_t enough_workers(const StatusInput& input, const DeploymentState& state) {
  // An autoscaler that asks for more does not make what runs too few.
  const std::int64_t minimum = kube::find_int(input.pipeline, "spec.autoscaling.minReplicas", state.wanted);
  return std::min(minimum, state.wanted);
}

}  // namespace

Condition configuration_valid(const StatusInput& input) {
  const auto result = [](std::string status, std::string reason, std::string message) {
    return Condition{"ConfigurationValid", std::move(status), std::move(reason), std::move(message)};
  };
  if (!input.problems.empty()) {
    std::vector<std::string> texts;
    for (const render::FieldProblem& problem : input.problems) {
      texts.push_back(problem.path + ": " + problem.message);
    }
    return result("False", "Invalid", join(texts, "; "));
  }
  const control::FleetReport& fleet = input.fleet;
  if (fleet.phase == RolloutPhase::kRejected) {
    const std::string who = fleet.rejected_by.empty() ? "" : "worker " + fleet.rejected_by + ": ";
    return result(
        "False", "RejectedByWorker",
        who + describe_problems(fleet.problems) + "; everything stays on the last good configuration");
  }
  if (fleet.phase == RolloutPhase::kTrying) {
    return result("Unknown", "BeingTried", "a worker is trying the new configuration");
  }
  for (const control::WorkerSummary& worker : fleet.workers) {
    if (worker.rejected_wanted) {
      return result("False", "RejectedBySomeWorkers",
                    "worker " + worker.pod + ": " + describe_problems(worker.problems));
    }
  }
  return result("True", "Valid", "the configuration is valid");
}

Condition progressing(const StatusInput& input) {
  const auto result = [](std::string status, std::string reason, std::string message) {
    return Condition{"Progressing", std::move(status), std::move(reason), std::move(message)};
  };
  if (kube::is_deleting(input.pipeline)) {
    return result("True", "Deleting", "the pipeline and all that belongs to it are being deleted");
  }
  if (!input.conflicts.empty()) {
    return result("False", "NameConflict",
                  join(input.conflicts, ", ") +
                      " exists and does not belong to this pipeline; rename the pipeline or "
                      "delete what is in its way");
  }
  if (!input.apply_error.empty()) {
    return result("False", "ApplyFailed", input.apply_error);
  }
  if (input.paused) {
    return input.pending.empty()
               ? result("True", "Paused", "managementState is Paused; nothing is pending")
               : result("True", "Paused", "managementState is Paused; pending: " + join(input.pending, ", "));
  }
  const DeploymentState state = read_deployment(input.deployment.get());
  if (!state.exists) {
    return input.problems.empty()
               ? result("True", "RollingOut", "the workers are being created")
               : result("False", "Invalid", "there are no workers, because no configuration was valid yet");
  }
  if (!state.failure.empty()) {
    return result("False", "PodsRefused", state.failure);
  }
  if (!state.complete()) {
    const std::string troubles = describe(pod_troubles(input.pods));
    if (state.deadline) {
      return result("False", "RolloutStuck", troubles.empty() ? "pods do not become ready" : troubles);
    }
    if (!troubles.empty()) {
      return result("False", "PodsFailing", troubles);
    }
    const std::string total = std::to_string(state.wanted) + " workers";
    return result("True", "RollingOut",
                  count(std::min(state.updated, state.wanted), total) + " are up to date, " +
                      std::to_string(state.ready) + " are ready");
  }
  if (settling(input.fleet)) {
    return result("True", "Reconfiguring", "the new configuration is on its way to the workers");
  }
  if (input.fleet.phase == RolloutPhase::kRejected) {
    return result("True", "Complete", "all workers are up to date, with the last good configuration");
  }
  return result("True", "Complete", "all workers are up to date");
}

Condition available(const StatusInput& input) {
  const auto result = [](std::string status, std::string reason, std::string message) {
    return Condition{"Available", std::move(status), std::move(reason), std::move(message)};
  };
  const DeploymentState state = read_deployment(input.deployment.get());
  if (!state.exists) {
    return result("False", "NoWorkers", "there are no workers");
  }
  if (state.wanted == 0) {
    return result("False", "ScaledToZero", "no worker is wanted");
  }
  const std::int64_t enough = enough_workers(input, state);
  if (state.ready >= enough) {
    return result("True", "EnoughWorkers", "enough workers are ready");
  }
  std::string message = count(state.ready, std::to_string(enough) + " workers are ready");
  if (const std::string troubles = describe(pod_troubles(input.pods)); !troubles.empty()) {
    message += "; " + troubles;
  } else if (!state.failure.empty()) {
    message += "; " + state.failure;
  }
  return result("False", state.ready == 0 ? "NoWorkers" : "TooFewWorkers", std::move(message));
}

Condition flow_healthy(const StatusInput& input) {
  const auto result = [](std::string status, std::string reason, std::string message) {
    return Condition{"FlowHealthy", std::move(status), std::move(reason), std::move(message)};
  };
  const control::FleetReport& fleet = input.fleet;
  if (fleet.workers.empty()) {
    if (read_deployment(input.deployment.get()).ready == 0) {
      return result("Unknown", "NoWorkers", "no worker runs");
    }
    Condition before = previous_condition(input, "FlowHealthy");
    if (input.just_started && !before.status.empty()) {
      return before;
    }
    return result("Unknown", "NotReporting", "workers are ready, but none reports to the operator");
  }
  const control::ExporterSummary* degraded = nullptr;
  for (const control::ExporterSummary& exporter : fleet.exporters) {
    if (exporter.health == control::ExporterHealth::kFailing) {
      return result("False", "ExporterFailing", "exporter " + exporter.name + ": " + exporter.last_error);
    }
    if (exporter.health == control::ExporterHealth::kDegraded && degraded == nullptr) {
      degraded = &exporter;
    }
  }
  if (fleet.per_minute.dropped > 0) {
    const std::string of = degraded == nullptr
                               ? ""
                               : "; degraded is exporter " + degraded->name +
                                     (degraded->last_error.empty() ? "" : ": " + degraded->last_error);
    return result("False", "DataDropped",
                  "records dropped within the last minute: " + std::to_string(fleet.per_minute.dropped) + of);
  }
  if (degraded != nullptr) {
    return result("False", "ExporterDegraded", "exporter " + degraded->name + ": " + degraded->last_error);
  }
  for (const control::ExporterSummary& exporter : fleet.exporters) {
    if (exporter.queue_fill >= kQueueNearlyFull) {
      return result("False", "QueueNearlyFull", "the queue of exporter " + exporter.name + " is nearly full");
    }
  }
  if (fleet.per_minute.refused > 0) {
    return result("False", "Refusing", "clients were told to come back later within the last minute");
  }
  return fleet.per_minute.received > 0 ? result("True", "Flowing", "what comes in is delivered")
                                       : result("True", "Idle", "nothing came in within the last minute");
}

Condition ready(const StatusInput& input, const std::vector<Condition>& others) {
  if (kube::is_deleting(input.pipeline)) {
    return {"Ready", "False", "Deleting", "the pipeline is being deleted"};
  }
  for (const char* status : {"False", "Unknown"}) {
    const auto culprit = std::ranges::find(others, status, &Condition::status);
    if (culprit != others.end()) {
      return {"Ready", status, culprit->reason, culprit->type + ": " + culprit->message};
    }
  }
  const auto progress = std::ranges::find(others, "Progressing", &Condition::type);
  if (progress->reason == "RollingOut" || progress->reason == "Reconfiguring") {
    // While an autoscaler adds workers, those that run are as good as before.
    const DeploymentState state = read_deployment(input.deployment.get());
    const bool only_scaling = state.observed && state.updated == state.replicas && !settling(input.fleet);
    if (!only_scaling) {
      return {"Ready", "False", progress->reason, progress->message};
    }
  }
  return {"Ready", "True", "Ready", "the pipeline runs as it is wanted"};
}

std::string phase(const StatusInput& input, const std::vector<Condition>& conditions) {
  const auto get = [&](std::string_view type) -> const Condition& {
    return *std::ranges::find(conditions, type, &Condition::type);
  };
  if (kube::is_deleting(input.pipeline)) {
    return "Deleting";
  }
  if (input.paused) {
    return "Paused";
  }
  if (get("ConfigurationValid").is_false()) {
    return "Invalid";
  }
  if (get("Ready").is_true()) {
    return "Ready";
  }
  const Condition& progress = get("Progressing");
  if (progress.is_true() && progress.reason != "Complete") {
    return read_deployment(input.deployment.get()).ready == 0 ? "Pending" : "Progressing";
  }
  return "Degraded";
}

}  // namespace otlpipe::controller
