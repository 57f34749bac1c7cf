#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"

namespace otlpipe::control {

// Standard base64 with padding (RFC 4648, section 4), as `data` of a Secret is written.
std::string base64_encode(std::string_view bytes);
Result<std::string> base64_decode(std::string_view text);

}  // namespace otlpipe::control
