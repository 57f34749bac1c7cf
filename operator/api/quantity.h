#pragma once

#include <optional>

#include <nlohmann/json_fwd.hpp>

namespace otlpipe::api {

// The value of a Kubernetes quantity ("256Mi", "0.25Gi", "1e3", 100), to compare two of them that were
// written differently: the API server normalises what it stores. Nothing when it is not a quantity.
std::optional<double> quantity_value(const nlohmann::json& quantity);

}  // namespace otlpipe::api
