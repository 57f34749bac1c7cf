#pragma once

#include <string>
#include <string_view>

#include "common/time/clock.h"

namespace otlpipe::worker::transport {

// IMF-fixdate of RFC 9110: "Sun, 06 Nov 1994 08:49:37 GMT".
std::string format_http_date(WallTime time);

// The standard reason phrase of a status, or "Status".
std::string_view reason_phrase(int http_status);

}  // namespace otlpipe::worker::transport
