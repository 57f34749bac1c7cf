#pragma once

#include <cstdint>
#include <optional>

#include "common/time/clock.h"

namespace otlpipe::worker::queue {

// Lets one message through per interval and counts those that it held back. Not thread safe.
class LogLimit {
 public:
  explicit LogLimit(Duration interval = std::chrono::seconds(10)) : interval_(interval) {}

  // nullopt: be silent. Otherwise how many were held back since the last one.
  std::optional<std::uint64_t> pass(MonotonicTime now) {
    if (last_ && now - *last_ < interval_) {
      ++held_back_;
      return std::nullopt;
    }
    last_ = now;
    const std::uint64_t n = held_back_;
    held_back_ = 0;
    return n;
  }

 private:
  Duration interval_;
  std::optional<MonotonicTime> last_;
  std::uint64_t held_back_ = 0;
};

}  // namespace otlpipe::worker::queue
