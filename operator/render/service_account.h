#pragma once

#include "operator/render/context.h"

namespace otlpipe::render {

// Whether the pipeline brings a service account of its own (spec.serviceAccountName); then none is rendered.
bool brings_service_account(const Pipeline& pipeline);
std::string service_account_name(const Pipeline& pipeline);

// The workers' identity. It has no rights and its token is not mounted; the control stream uses a projected
// one.
Child service_account(const Pipeline& pipeline, const Release& release);

}  // namespace otlpipe::render
