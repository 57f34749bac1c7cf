#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "common/base/result.h"

namespace otlpipe::kube {

// Parses JSON that came over the network. kDataLoss when it is malformed or nested deeper than anything that
// Kubernetes makes (which would exhaust the stack of whoever walks it). Pure.
Result<nlohmann::json> parse_wire_json(std::string_view text, std::string_view where);

// For messages: control characters become spaces, and what is longer than `limit` bytes is cut.
std::string one_line(std::string_view text, std::size_t limit);

}  // namespace otlpipe::kube
