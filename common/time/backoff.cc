#include "common/time/backoff.h"

#include <algorithm>

namespace otlpipe {

Duration backoff_delay(int failures, const BackoffOptions& options, double chance) {
  auto delay = static_cast<double>(options.initial.count());
  const auto ceiling = static_cast<double>(options.max.count());
  for (int i = 0; i < failures && delay < ceiling; ++i) delay *= options.multiplier;
  delay = std::min(delay, ceiling) * (1 + options.jitter * (2 * chance - 1));
  return Duration(static_cast<Duration::rep>(delay));
}

}  // namespace otlpipe
