#include "operator/controller/children.h"

#include <algorithm>

#include "operator/kube/resources.h"
#include "operator/render/autoscaler.h"
#include "operator/render/config_map.h"
#include "operator/render/deployment.h"
#include "operator/render/meta.h"
#include "operator/render/pod_template.h"
#include "operator/render/service.h"
#include "operator/render/service_account.h"

namespace otlpipe::controller {
namespace {

using nlohmann::json;
using render::ReplicasOwner;

// An autoscaler owns the number, but a new Deployment starts with what it will ask for at least. The next
// turn sees who owns the field and hands it over.
render::Child render_deployment(const render::Pipeline& pipeline, const render::Release& release,
                                const json* live) {
  if (render::replicas_owner(pipeline) == ReplicasOwner::kSpec) {
    return render::deployment(pipeline, release, kube::find_int(pipeline.spec, "replicas", 1),
                              ReplicasOwner::kSpec);
  }
  if (live == nullptr) {
    return render::deployment(pipeline, release, kube::find_int(pipeline.spec, "autoscaling.minReplicas", 1),
                              ReplicasOwner::kSpec);
  }
  return render::deployment(pipeline, release, std::nullopt, ReplicasOwner::kAutoscaler);
}

const json* worker_container(const json& pod) {
  const json* containers = kube::find(pod, "spec.containers");
  if (containers == nullptr || !containers->is_array()) {
    return nullptr;
  }
  const auto found = std::ranges::find_if(*containers, [](const json& container) {
    return kube::find_string(container, "name") == render::kWorkerContainer;
  });
  return found == containers->end() ? nullptr : &*found;
}

std::int64_t metrics_port(const json& container) {
  const json* ports = kube::find(container, "ports");
  if (ports == nullptr || !ports->is_array() || ports->empty()) {
    return 0;
  }
  return kube::find_int(ports->front(), "containerPort");
}

// Of the pod's template, in bytes; of the pod itself where an operator made it that did not note it yet.
std::string memory_limit(const json& pod, const json& container) {
  const auto noted = kube::annotation(pod, render::kMemoryLimitAnnotation);
  return noted.empty() ? render::memory_limit_bytes(container) : std::string(noted);
}

std::optional<render::Configuration> trusted(const kube::ObjectPtr& config_map) {
  const json* data = kube::find(*config_map, "data");
  if (data == nullptr || !data->is_object() || !data->contains(render::kConfigFile)) {
    return std::nullopt;
  }
  api::DataPlane content = api::read_data_plane(data->at(render::kConfigFile).get<std::string>());
  if (content.hash != kube::annotation(*config_map, render::kConfigHashAnnotation)) {
    return std::nullopt;
  }
  return render::Configuration{std::move(content.json), std::move(content.hash),
                               std::move(content.listeners)};
}

bool is_history(const render::Pipeline& pipeline, const ChildId& id) {
  return id.resource == kube::config_maps() &&
         id.name.starts_with(render::config_map_name(pipeline.name) + "-");
}

}  // namespace

std::vector<kube::Resource> child_resources() {
  return {kube::service_accounts(),       kube::config_maps(), kube::services(),
          kube::pod_disruption_budgets(), kube::deployments(), kube::horizontal_pod_autoscalers()};
}

std::vector<render::Child> desired_children(const render::Pipeline& pipeline, const render::Release& release,
                                            const std::optional<render::Configuration>& running,
                                            const json* live_deployment) {
  std::vector<render::Child> children;
  const auto add = [&](std::optional<render::Child> child) {
    if (child) {
      children.push_back(std::move(*child));
    }
  };
  if (!render::brings_service_account(pipeline)) {
    add(render::service_account(pipeline, release));
  }
  if (running) {
    add(render::config_map(pipeline, *running, release));
    add(render::config_history(pipeline, *running, release));
    if (!running->ports.empty()) {
      add(render::service(pipeline, *running, release));
      add(render::headless_service(pipeline, *running, release));
    }
  }
  add(render::disruption_budget(pipeline, release));
  if (running || live_deployment != nullptr) {
    add(render_deployment(pipeline, release, live_deployment));
    add(render::autoscaler(pipeline, release));
  }
  return children;
}

std::set<ChildId> kept_children(const render::Pipeline& pipeline,
                                const std::map<ChildId, kube::ObjectPtr>& mine,
                                const std::optional<render::Configuration>& running) {
  const std::string current = running ? render::history_name(pipeline.name, running->hash) : "";
  std::set<ChildId> kept;
  std::vector<std::pair<std::string, ChildId>> history;  // by age
  for (const auto& [id, object] : mine) {
    if (is_history(pipeline, id)) {
      if (id.name == current) {
        continue;
      }
      history.emplace_back(kube::find_string(*object, "metadata.creationTimestamp"), id);
    } else if (!running && (id.resource == kube::config_maps() || id.resource == kube::services())) {
      kept.insert(id);
    }
  }
  std::ranges::sort(history, std::greater{});
  for (std::size_t i = 0; i < history.size() && i < kConfigHistory; ++i) {
    kept.insert(history[i].second);
  }
  return kept;
}

std::optional<render::Configuration> stable_configuration(const render::Pipeline& pipeline,
                                                          const std::map<ChildId, kube::ObjectPtr>& mine) {
  const auto current = mine.find({kube::config_maps(), render::config_map_name(pipeline.name)});
  if (current == mine.end()) {
    return std::nullopt;
  }
  if (auto configuration = trusted(current->second)) {
    return configuration;
  }
  const auto hash = kube::annotation(*current->second, render::kConfigHashAnnotation);
  const auto former = mine.find({kube::config_maps(), render::history_name(pipeline.name, hash)});
  return former == mine.end() ? std::nullopt : trusted(former->second);
}

std::string stable_control_ca(const render::Pipeline& pipeline,
                              const std::map<ChildId, kube::ObjectPtr>& mine) {
  const auto current = mine.find({kube::config_maps(), render::config_map_name(pipeline.name)});
  if (current == mine.end()) {
    return "";
  }
  const json* data = kube::find(*current->second, "data");
  if (data == nullptr || !data->is_object()) {
    return "";
  }
  return data->value(std::string(render::kControlCaFile), "");
}

std::set<ChildId> needed_by_pods(const render::Pipeline& pipeline) {
  std::set<ChildId> needed{{kube::config_maps(), render::config_map_name(pipeline.name)}};
  if (!render::brings_service_account(pipeline)) {
    needed.insert({kube::service_accounts(), render::service_account_name(pipeline)});
  }
  return needed;
}

std::set<std::string> pods_left_alone(const render::Pipeline& pipeline,
                                      const std::vector<kube::ObjectPtr>& pods) {
  std::set<std::string> names;
  const std::string limit = render::memory_limit_bytes(pipeline.spec);
  for (const kube::ObjectPtr& pod : pods) {
    const json* container = worker_container(*pod);
    if (container == nullptr) {
      continue;
    }
    if (metrics_port(*container) != pipeline.metrics_port || memory_limit(*pod, *container) != limit) {
      names.insert(std::string(kube::name(*pod)));
    }
  }
  return names;
}

}  // namespace otlpipe::controller
