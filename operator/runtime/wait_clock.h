#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "common/time/clock.h"

namespace otlpipe::runtime {

// A clock that threads can wait on. Everything of the runtime that waits for a time does so through this, so
// that a test's clock wakes it by being advanced. Thread safe.
class WaitClock : public Clock {
 public:
  // Waits on `condition` with `lock` held until somebody notifies it or this clock reaches `deadline`
  // (MonotonicTime::max(): no deadline). May wake early; the caller looks again at what it waits for.
  virtual void wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& condition,
                          MonotonicTime deadline) = 0;
};

class SystemWaitClock final : public WaitClock {
 public:
  MonotonicTime now() const override { return std::chrono::steady_clock::now(); }
  WallTime wall_now() const override { return std::chrono::system_clock::now(); }
  void wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& condition,
                  MonotonicTime deadline) override;
};

// Waits for `delay` or until `stop`; false when stopped.
bool pause(WaitClock& clock, Duration delay, const std::stop_token& stop);

}  // namespace otlpipe::runtime
