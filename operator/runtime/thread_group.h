#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "operator/runtime/wait_clock.h"

namespace otlpipe::runtime {

// Named threads that are stopped together, with a deadline. Used by one owner thread.
class ThreadGroup {
 public:
  explicit ThreadGroup(WaitClock& clock) : clock_(clock) {}
  ~ThreadGroup();  // stops and joins what was not abandoned

  void spawn(std::string name, std::function<void(std::stop_token)> body);
  void request_stop() { stop_.request_stop(); }

  // Joins every thread, or gives up at the deadline: then the threads are left to run, this object must not
  // be destroyed any more (see abandoned()), and the answer is false.
  bool join_until(MonotonicTime deadline);
  bool abandoned() const { return abandoned_; }
  // The names of the threads that have not ended, with commas.
  std::string running() const;

 private:
  WaitClock& clock_;
  std::stop_source stop_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::list<std::string> running_;
  std::vector<std::thread> threads_;
  bool abandoned_ = false;
};

}  // namespace otlpipe::runtime
