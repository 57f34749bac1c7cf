#pragma once

#include <cstdint>
#include <functional>

#include "common/time/clock.h"

namespace otlpipe {

// A single-threaded executor with timers. Everything that runs on one loop is serialised, so what lives on a
// loop needs no locks. `post` is thread safe; every other call is made on the loop's own thread.
class EventLoop {
 public:
  using Task = std::function<void()>;
  using TimerId = std::uint64_t;
  static constexpr TimerId kNoTimer = 0;

  virtual ~EventLoop() = default;

  // Runs `task` later on the loop's thread, in the order of the posts of one thread. Thread safe.
  virtual void post(Task task) = 0;

  // Runs `task` once after `delay`. Never returns kNoTimer.
  virtual TimerId after(Duration delay, Task task) = 0;

  // Forgets a timer that has not run yet; harmless for one that has, and for kNoTimer.
  virtual void cancel(TimerId timer) = 0;

  // The loop's own time, from the same source as its timers.
  virtual MonotonicTime now() const = 0;
};

}  // namespace otlpipe
