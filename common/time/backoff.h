#pragma once

#include "common/time/clock.h"

namespace otlpipe {

// How waiting grows from failure to failure.
struct BackoffOptions {
  Duration initial = std::chrono::milliseconds(500);
  Duration max = std::chrono::seconds(30);
  double multiplier = 2;
  double jitter = 0.2;  // a share of the delay: 0.2 spreads it over 80 % to 120 %
};

// The wait after `failures` earlier failures: `initial` times the multiplier that often, never above `max`,
// then spread with `chance` of [0, 1) so that many waiters do not come back together.
Duration backoff_delay(int failures, const BackoffOptions& options, double chance);

}  // namespace otlpipe
