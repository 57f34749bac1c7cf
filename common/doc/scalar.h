#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "common/base/result.h"

namespace otlpipe::doc {

// What a YAML scalar means. `tag` is "" for a plain scalar, "!" for a quoted one, else the explicit tag in
// its long form. Follows YAML 1.1 in the reading of Go's yaml.v2, which is what kubectl uses: plain
// y/yes/on/true are booleans, 0x10, 010 and 0b10 integers, a date is text. Fails on tags that JSON has no
// value for, and on infinities and NaN.
Result<nlohmann::json> resolve_scalar(const std::string& tag, const std::string& text);

}  // namespace otlpipe::doc
