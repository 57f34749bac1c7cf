#pragma once

#include <chrono>

namespace otlpipe {

using Duration = std::chrono::nanoseconds;
using MonotonicTime = std::chrono::time_point<std::chrono::steady_clock, Duration>;
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

// Where time comes from. Thread safe. Passed by reference; the owner is app/.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual MonotonicTime now() const = 0;  // for intervals
  virtual WallTime wall_now() const = 0;  // for time stamps that people and other machines read
};

class SystemClock final : public Clock {
 public:
  MonotonicTime now() const override { return std::chrono::steady_clock::now(); }
  WallTime wall_now() const override { return std::chrono::system_clock::now(); }
};

}  // namespace otlpipe
