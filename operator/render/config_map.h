#pragma once

#include "operator/render/context.h"

namespace otlpipe::render {

// The configuration that pods start from, `<name>-config`, with its hash in an annotation.
Child config_map(const Pipeline& pipeline, const Configuration& configuration, const Release& release);

// The same content under the name of its hash, immutable, kept for rollback.
Child config_history(const Pipeline& pipeline, const Configuration& configuration, const Release& release);

}  // namespace otlpipe::render
