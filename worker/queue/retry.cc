#include "worker/queue/retry.h"

#include <algorithm>
#include <cmath>

namespace otlpipe::worker::queue {

std::optional<Duration> next_wait(const RetryOptions& options, RetryState& state, MonotonicTime now,
                                  double random, std::optional<std::chrono::milliseconds> delay) {
  if (state.failures == 0) state.first_failure = now;
  Duration wait;
  if (delay) {
    wait = *delay;
  } else {
    // In floating point, because the power may be beyond what a Duration holds.
    const double grown = static_cast<double>(options.initial_interval.count()) *
                         std::pow(options.multiplier, static_cast<double>(state.failures));
    const double capped = std::min(grown, static_cast<double>(options.max_interval.count()));
    wait = Duration(static_cast<Duration::rep>(capped * (1 - random / 2)));
  }
  if (state.failures < 1'000'000) ++state.failures;
  if (options.max_elapsed.count() > 0 && now + wait - state.first_failure > options.max_elapsed)
    return std::nullopt;
  return wait;
}

}  // namespace otlpipe::worker::queue
