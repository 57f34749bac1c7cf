#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <utility>

#include "common/concurrency/event_loop.h"

namespace otlpipe::testing {

// A loop whose time a test moves. Runs everything on the calling thread. Not thread safe.
class FakeEventLoop final : public EventLoop {
 public:
  void post(Task task) override { posted_.push_back(std::move(task)); }
  TimerId after(Duration delay, Task task) override {
    const TimerId id = next_++;
    timers_.emplace(std::pair{now_ + delay, id}, std::move(task));
    return id;
  }
  void cancel(TimerId timer) override {
    std::erase_if(timers_, [timer](const auto& entry) { return entry.first.second == timer; });
  }
  MonotonicTime now() const override { return now_; }

  // Runs what was posted, and what that posts.
  void run() {
    while (!posted_.empty()) {
      Task task = std::move(posted_.front());
      posted_.pop_front();
      task();
    }
  }

  // Lets time pass; timers run at their time and in its order, posted tasks in between.
  void advance(Duration by) {
    run();
    const MonotonicTime end = now_ + by;
    while (!timers_.empty() && timers_.begin()->first.first <= end) {
      now_ = timers_.begin()->first.first;
      Task task = std::move(timers_.begin()->second);
      timers_.erase(timers_.begin());
      task();
      run();
    }
    now_ = end;
  }

  std::size_t timer_count() const { return timers_.size(); }

 private:
  MonotonicTime now_{std::chrono::hours(1)};
  TimerId next_ = 1;
  std::deque<Task> posted_;
  std::map<std::pair<MonotonicTime, TimerId>, Task> timers_;
};

}  // namespace otlpipe::testing
