#pragma once

#include <algorithm>
#include <condition_variable>
#include <list>
#include <mutex>
#include <vector>

#include "operator/runtime/wait_clock.h"

namespace otlpipe::runtime::testing {

// Stands still until advance(), which wakes the threads that wait on it. Thread safe.
class FakeWaitClock final : public WaitClock {
 public:
  MonotonicTime now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  WallTime wall_now() const override {
    // 2026-01-01T00:00:00Z plus what has passed.
    return WallTime(std::chrono::seconds(1767225600)) + (now() - start());
  }

  void wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& condition,
                  MonotonicTime deadline) override {
    std::list<Waiter>::iterator entry;
    {
      const std::lock_guard own(mutex_);
      if (now_ >= deadline) return;
      entry = waiters_.insert(waiters_.end(), {lock.mutex(), &condition, deadline});
      arrived_.notify_all();
    }
    condition.wait(lock);
    // Somebody else may have woken it while advance() is about to do so, with the waiter's mutex and
    // condition, which must not go before that.
    lock.unlock();
    {
      std::unique_lock own(mutex_);
      let_go_.wait(own, [&] { return !entry->held; });
      waiters_.erase(entry);
    }
    lock.lock();
  }

  void advance(Duration by) {
    std::vector<Waiter*> woken;
    {
      const std::lock_guard own(mutex_);
      now_ += by;
      for (Waiter& waiter : waiters_) {
        waiter.woken = true;        // it will look again, so it does not count as waiting
        if (waiter.held) continue;  // by another advance(), which has not woken it yet
        waiter.held = true;
        woken.push_back(&waiter);
      }
    }
    for (Waiter* waiter : woken) {
      {
        // Once this lock was held, the waiter is inside its wait (or past it), so the wake-up is not lost.
        const std::lock_guard lock(*waiter->mutex);
        waiter->condition->notify_all();
      }
      const std::lock_guard own(mutex_);
      waiter->held = false;
      let_go_.notify_all();
    }
  }

  // Blocks until so many threads wait, with any deadline; or for a deadline (not for ever) in the second one.
  void await_waiters(std::size_t count) {
    std::unique_lock own(mutex_);
    arrived_.wait(own, [&] { return waiting(false) >= count; });
  }
  void await_timed_waiters(std::size_t count) {
    std::unique_lock own(mutex_);
    arrived_.wait(own, [&] { return waiting(true) >= count; });
  }

 private:
  struct Waiter {
    std::mutex* mutex;
    std::condition_variable* condition;
    MonotonicTime deadline;
    bool woken = false;
    bool held = false;
  };
  static MonotonicTime start() { return MonotonicTime(std::chrono::hours(1)); }
  std::size_t waiting(bool timed) const {
    return static_cast<std::size_t>(std::count_if(waiters_.begin(), waiters_.end(), [timed](const Waiter& w) {
      return !w.woken && (!timed || w.deadline != MonotonicTime::max());
    }));
  }

  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::condition_variable let_go_;
  MonotonicTime now_ = start();
  std::list<Waiter> waiters_;
};

}  // namespace otlpipe::runtime::testing
