#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace otlpipe::cli {

// OtlpPipelines as people want to see them. Pure; whatever is missing or of an odd type shows as "-".

// A line for each, and below it what keeps it from being ready.
std::string status_table(const nlohmann::json& list, bool with_namespace);
// Everything about one.
std::string status_detail(const nlohmann::json& pipeline);

}  // namespace otlpipe::cli
