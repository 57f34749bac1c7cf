#include "operator/controller/status.h"

#include <algorithm>

#include "operator/controller/deployment_state.h"
#include "operator/render/meta.h"

namespace otlpipe::controller {
namespace {

using nlohmann::json;

std::string_view to_string(control::ExporterHealth health) {
  switch (health) {
    case control::ExporterHealth::kUnknown:
      return "Unknown";
    case control::ExporterHealth::kHealthy:
      return "Healthy";
    case control::ExporterHealth::kDegraded:
      return "Degraded";
    case control::ExporterHealth::kFailing:
      return "Failing";
  }
  return "Unknown";
}

json workers_json(const control::FleetReport& fleet) {
  const auto count = [&](bool control::WorkerSummary::* what) {
    return std::ranges::count(fleet.workers, true, what);
  };
  return {{"reporting", fleet.workers.size()},
          {"applied", count(&control::WorkerSummary::applied_wanted)},
          {"rejected", count(&control::WorkerSummary::rejected_wanted)}};
}

json endpoints_json(const StatusInput& input) {
  const std::string host =
      std::string(kube::name(input.pipeline)) + "." + std::string(kube::name_space(input.pipeline)) + ".svc";
  json endpoints = json::object();
  for (const render::Port& port : input.ports) {
    const std::string address = host + ":" + std::to_string(port.port);
    if (!endpoints.contains(port.protocol)) {
      endpoints[port.protocol] = port.protocol == "http" ? "http://" + address : address;
    }
  }
  return endpoints;
}

// In the order of the spec; an exporter that no worker speaks of is Unknown.
json exporters_json(const StatusInput& input) {
  json list = json::array();
  const json* exporters = kube::find(input.pipeline, "spec.exporters");
  if (exporters == nullptr || !exporters->is_array()) {
    return list;
  }
  for (const json& exporter : *exporters) {
    const auto name = kube::find_string(exporter, "name");
    control::ExporterSummary summary;
    const auto found = std::ranges::find(input.fleet.exporters, name, &control::ExporterSummary::name);
    if (found != input.fleet.exporters.end()) {
      summary = *found;
    }
    list.push_back({{"name", name},
                    {"health", to_string(summary.health)},
                    {"queuedItems", summary.queued_items},
                    {"lastError", summary.last_error}});
  }
  return list;
}

}  // namespace

json make_status(const StatusInput& input) {
  std::vector<Condition> conditions = {configuration_valid(input), progressing(input), available(input),
                                       flow_healthy(input)};
  conditions.push_back(ready(input, conditions));
  const DeploymentState workers = read_deployment(input.deployment.get());
  const json* previous = kube::find(input.pipeline, "status.conditions");
  json status = {
      {"observedGeneration", kube::generation(input.pipeline)},
      {"phase", phase(input, conditions)},
      {"replicas", workers.replicas},
      {"readyReplicas", workers.ready},
      {"selector", render::selector_text(kube::name(input.pipeline))},
      {"workers", workers_json(input.fleet)},
      {"endpoints", endpoints_json(input)},
      {"flow",
       {{"received", input.fleet.per_minute.received},
        {"sent", input.fleet.per_minute.sent},
        {"refused", input.fleet.per_minute.refused},
        {"dropped", input.fleet.per_minute.dropped}}},
      {"exporters", exporters_json(input)},
      {"conditions", conditions_json(conditions, previous == nullptr ? json() : *previous,
                                     kube::generation(input.pipeline), input.now)},
  };
  if (!input.config_hash.empty()) {
    status["configHash"] = input.config_hash;
  }
  return status;
}

bool settling(const control::FleetReport& fleet) {
  if (fleet.phase == control::RolloutPhase::kTrying) {
    return true;
  }
  return fleet.phase == control::RolloutPhase::kAccepted &&
         std::ranges::any_of(fleet.workers, [](const control::WorkerSummary& worker) {
           return !worker.applied_wanted && !worker.rejected_wanted && !worker.left_alone;
         });
}

}  // namespace otlpipe::controller
