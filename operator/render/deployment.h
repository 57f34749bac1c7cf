#pragma once

#include <optional>

#include "operator/render/context.h"

namespace otlpipe::render {

// Longer than the worker's own drain (30 s), so that the kubelet never cuts it short.
inline constexpr int kDefaultGracePeriodSeconds = 60;

// The workers. `replicas`: what spec.replicas shall say; nothing leaves the field out, so that an autoscaler
// owns it. `owner` goes into an annotation: a field that merely left our apply would be removed by the API
// server and fall back to 1, so the hand-over to an autoscaler has to know who owned the field before.
Child deployment(const Pipeline& pipeline, const Release& release, std::optional<std::int64_t> replicas,
                 ReplicasOwner owner);

}  // namespace otlpipe::render
