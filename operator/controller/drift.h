#pragma once

#include <nlohmann/json.hpp>

namespace otlpipe::controller {

// The part of `value` that `shape` speaks of: same keys, and items of lists that are told apart by a key
// (name, port, mountPath, …) matched by it. What others added (defaults, fields of other managers) is left
// out; what is missing is null. Two projections of one shape are equal exactly when somebody changed what we
// said.
nlohmann::json project(const nlohmann::json& shape, const nlohmann::json& value);

}  // namespace otlpipe::controller
