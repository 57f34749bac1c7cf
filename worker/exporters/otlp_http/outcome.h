#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "common/base/result.h"
#include "common/time/clock.h"
#include "worker/queue/sender.h"
#include "worker/transport/transport.h"

namespace otlpipe::worker::exporters::otlp_http {

// What the answer to an export means for the data. `now` is for a Retry-After that names a date. Pure.
// Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp-response, Failures.
queue::SendResult interpret(const Result<transport::ClientResponse>& answer, WallTime now);

// Seconds or an HTTP date (RFC 9110, IMF-fixdate); nullopt when it is neither. Never negative, at most a day.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value, WallTime now);

}  // namespace otlpipe::worker::exporters::otlp_http
