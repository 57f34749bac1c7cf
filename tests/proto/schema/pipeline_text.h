#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "otlpipe/v1alpha1/pipeline.pb.h"

namespace otlpipe::schema {

// The smallest valid spec, as JSON that tests change.
nlohmann::json small_spec();

nlohmann::json from_yaml(std::string_view text);

// "path: message" for each error of a spec, with the root path "spec".
std::vector<std::string> errors_of(const nlohmann::json& spec);

// Decodes a spec that has to be valid.
v1alpha1::OtlpPipelineSpec decoded(const nlohmann::json& spec);

}  // namespace otlpipe::schema
