#include "operator/runtime/wait_clock.h"

namespace otlpipe::runtime {

void SystemWaitClock::wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& condition,
                                 MonotonicTime deadline) {
  if (deadline == MonotonicTime::max()) {
    condition.wait(lock);
  } else {
    condition.wait_until(lock, deadline);
  }
}

bool pause(WaitClock& clock, Duration delay, const std::stop_token& stop) {
  const MonotonicTime deadline = clock.now() + delay;
  std::mutex mutex;
  std::condition_variable wake;
  const std::stop_callback on_stop(stop, [&mutex, &wake] {
    const std::lock_guard lock(mutex);
    wake.notify_all();
  });
  std::unique_lock lock(mutex);
  while (!stop.stop_requested() && clock.now() < deadline) clock.wait_until(lock, wake, deadline);
  return !stop.stop_requested();
}

}  // namespace otlpipe::runtime
