#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace otlpipe::gen {

// Block-style YAML of a value, keys in their order, text in double quotes unless it is plain beyond doubt.
std::string to_yaml(const nlohmann::ordered_json& value);

}  // namespace otlpipe::gen
