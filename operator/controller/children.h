#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "operator/controller/plan.h"
#include "operator/render/context.h"

namespace otlpipe::controller {

// How many former configurations are kept for rollback, beside the current one.
inline constexpr std::size_t kConfigHistory = 5;

// The kinds that a pipeline has children of; each is watched.
std::vector<kube::Resource> child_resources();

// The children that `pipeline` should have, in the order in which they are applied. `running`: the
// configuration that the workers run or may run; nothing: not known yet, so that ConfigMap and Services stay
// as they are.
std::vector<render::Child> desired_children(const render::Pipeline& pipeline, const render::Release& release,
                                            const std::optional<render::Configuration>& running,
                                            const nlohmann::json* live_deployment);

// Of the existing children: what is not desired and still must not be deleted (the newest former
// configurations; ConfigMap and Services while `running` is nothing).
std::set<ChildId> kept_children(const render::Pipeline& pipeline,
                                const std::map<ChildId, kube::ObjectPtr>& mine,
                                const std::optional<render::Configuration>& running);

// The configuration that pods start from now, out of the ConfigMap or, when somebody tampered with that, out
// of the history. Nothing when there is none that can be trusted.
std::optional<render::Configuration> stable_configuration(const render::Pipeline& pipeline,
                                                          const std::map<ChildId, kube::ObjectPtr>& mine);

// The authority's certificate that the pods start with now; empty when there is no ConfigMap yet.
std::string stable_control_ca(const render::Pipeline& pipeline,
                              const std::map<ChildId, kube::ObjectPtr>& mine);

// What a Deployment cannot start a pod without.
std::set<ChildId> needed_by_pods(const render::Pipeline& pipeline);

// The pods that the wanted configuration is not meant for: they have another metrics port or memory limit
// than the workers that are about to replace them.
std::set<std::string> pods_left_alone(const render::Pipeline& pipeline,
                                      const std::vector<kube::ObjectPtr>& pods);

}  // namespace otlpipe::controller
