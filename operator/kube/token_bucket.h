#pragma once

#include <algorithm>

#include "common/time/clock.h"

namespace otlpipe::kube {

// A client-side rate limit as a value: tokens come back at a steady rate up to a burst. Not thread safe.
class TokenBucket {
 public:
  // A rate of 0 never waits.
  TokenBucket(double per_second, int burst)
      : per_second_(per_second), burst_(std::max(1, burst)), tokens_(burst_) {}

  // Takes a token, in advance if there is none, and says how long to wait before using it.
  Duration take(MonotonicTime now) {
    if (per_second_ <= 0) return Duration::zero();
    if (filled_ != MonotonicTime{}) {
      const double seconds = std::chrono::duration<double>(now - filled_).count();
      tokens_ = std::min(burst_, tokens_ + std::max(0.0, seconds) * per_second_);
    }
    filled_ = now;
    tokens_ -= 1;
    if (tokens_ >= 0) return Duration::zero();
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(-tokens_ / per_second_));
  }

 private:
  double per_second_;
  double burst_;
  double tokens_;
  MonotonicTime filled_{};
};

}  // namespace otlpipe::kube
