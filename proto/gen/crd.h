#pragma once

#include <string>

#include "proto/gen/comments.h"

namespace otlpipe::gen {

// The CustomResourceDefinition of OtlpPipeline as YAML.
std::string crd_yaml(const Comments& comments);

}  // namespace otlpipe::gen
