#pragma once

#include <optional>

#include "operator/render/context.h"

namespace otlpipe::render {

ReplicasOwner replicas_owner(const Pipeline& pipeline);

// The HorizontalPodAutoscaler of the Deployment; nothing when spec.autoscaling is not set.
std::optional<Child> autoscaler(const Pipeline& pipeline, const Release& release);

// The PodDisruptionBudget of the workers; nothing when spec.podDisruptionBudget is not set.
std::optional<Child> disruption_budget(const Pipeline& pipeline, const Release& release);

}  // namespace otlpipe::render
