#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/time/clock.h"

namespace otlpipe {

// Durations as Kubernetes and Go write them: a sequence of decimal numbers with a unit (ns, us, µs, ms, s, m,
// h), such as "100ms", "1m30s", "0s". No sign, no bare number except "0".
Result<Duration> parse_duration(std::string_view text);

// The shortest such text that reads back as the same value: 90s is "1m30s", 1500ms is "1.5s".
std::string format_duration(Duration value);

// RFC 3339 in UTC with whole seconds ("2026-01-02T03:04:05Z"), as metav1.Time; the second one with
// microseconds, as metav1.MicroTime.
std::string format_rfc3339(WallTime time);
std::string format_rfc3339_micro(WallTime time);
Result<WallTime> parse_rfc3339(std::string_view text);

}  // namespace otlpipe
