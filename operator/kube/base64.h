#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"

namespace otlpipe::kube {

// RFC 4648, the standard alphabet with padding; line breaks and spaces are skipped. Pure.
Result<std::string> decode_base64(std::string_view text);

}  // namespace otlpipe::kube
