#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "common/time/clock.h"

namespace otlpipe::worker::queue {

struct RetryOptions {
  Duration initial_interval = std::chrono::seconds(1);
  Duration max_interval = std::chrono::seconds(30);
  double multiplier = 2;
  Duration max_elapsed{0};  // 0: never give up

  bool operator==(const RetryOptions&) const = default;
};

// The failures of one batch so far.
struct RetryState {
  std::uint32_t failures = 0;
  MonotonicTime first_failure = {};
};

// Notes a failure at `now` and says how long to wait, or nullopt when it is time to give up: the wait would
// end after max_elapsed. The wait is the backend's own `delay` when it named one, otherwise grows
// exponentially with up to half of it taken off by `random` in [0, 1). Pure.
std::optional<Duration> next_wait(const RetryOptions& options, RetryState& state, MonotonicTime now,
                                  double random, std::optional<std::chrono::milliseconds> delay);

}  // namespace otlpipe::worker::queue
