#pragma once

#include "operator/render/context.h"

namespace otlpipe::render {

// What every worker pod is made of, whatever runs it. Meets the `restricted` Pod Security standard unless the
// user's own fields (securityContext, volumes) say otherwise.
nlohmann::json pod_template(const Pipeline& pipeline, const Release& release);

// resources.limits.memory of a spec or a container in bytes, as text; "none" without one.
std::string memory_limit_bytes(const nlohmann::json& spec);

}  // namespace otlpipe::render
