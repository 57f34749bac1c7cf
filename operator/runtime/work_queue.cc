#include "operator/runtime/work_queue.h"

#include <algorithm>

#include "common/time/backoff.h"

namespace otlpipe::runtime {

using kube::ObjectKey;

WorkQueue::WorkQueue(WorkQueueOptions options, WaitClock& clock, Random& random)
    : options_(options), clock_(clock), random_(random) {}

void WorkQueue::add(const ObjectKey& key) {
  const std::lock_guard lock(mutex_);
  add_locked(key);
}

void WorkQueue::add_locked(const ObjectKey& key) {
  if (shut_down_) return;
  // What was delayed is due now: the run that comes will see everything.
  undelay_locked(key);
  if (!wanted_.insert(key).second) return;
  if (in_flight_.contains(key)) return;  // done() will queue it
  ready_.push_back(key);
  changed_.notify_one();
}

void WorkQueue::add_after(const ObjectKey& key, Duration delay) {
  const std::lock_guard lock(mutex_);
  if (failures_.contains(key) && due_.contains(key)) return;
  delay_locked(key, delay);
}

void WorkQueue::undelay_locked(const ObjectKey& key) {
  const auto it = due_.find(key);
  if (it == due_.end()) return;
  order_.erase({it->second, key});
  due_.erase(it);
}

void WorkQueue::delay_locked(const ObjectKey& key, Duration delay) {
  if (delay <= Duration::zero()) return add_locked(key);
  if (shut_down_ || wanted_.contains(key)) return;
  const MonotonicTime at = clock_.now() + delay;
  const auto [it, inserted] = due_.emplace(key, at);
  if (!inserted) {
    if (it->second <= at) return;
    order_.erase({it->second, key});
    it->second = at;
  }
  order_.emplace(at, key);
  // Whoever waits for a later key must look again; which of the consumers that is cannot be known.
  changed_.notify_all();
}

Duration WorkQueue::add_rate_limited(const ObjectKey& key) {
  return add_rate_limited(key, Duration::zero());
}

Duration WorkQueue::add_rate_limited(const ObjectKey& key, Duration minimum) {
  const double chance = random_.uniform();
  const std::lock_guard lock(mutex_);
  const int failures = failures_[key]++;
  const BackoffOptions growth{options_.initial_backoff, options_.max_backoff, 2, options_.jitter};
  const Duration delay = std::max(minimum, backoff_delay(failures, growth, chance));
  // What was asked for while the failing run went on would come before the back-off is over.
  undelay_locked(key);
  delay_locked(key, delay);
  return delay;
}

void WorkQueue::forget(const ObjectKey& key) {
  const std::lock_guard lock(mutex_);
  failures_.erase(key);
}

int WorkQueue::failures(const ObjectKey& key) const {
  const std::lock_guard lock(mutex_);
  const auto it = failures_.find(key);
  return it == failures_.end() ? 0 : it->second;
}

void WorkQueue::promote_due_locked() {
  const MonotonicTime now = clock_.now();
  while (!order_.empty() && order_.begin()->first <= now) {
    const ObjectKey key = order_.begin()->second;
    add_locked(key);  // takes it out of the order
  }
}

std::optional<ObjectKey> WorkQueue::get() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (shut_down_ && (!drain_ || ready_.empty())) return std::nullopt;
    promote_due_locked();
    if (!ready_.empty()) {
      ObjectKey key = std::move(ready_.front());
      ready_.pop_front();
      wanted_.erase(key);
      in_flight_.insert(key);
      return key;
    }
    clock_.wait_until(lock, changed_, order_.empty() ? MonotonicTime::max() : order_.begin()->first);
  }
}

void WorkQueue::done(const ObjectKey& key) {
  const std::lock_guard lock(mutex_);
  in_flight_.erase(key);
  if (wanted_.contains(key) && !(shut_down_ && !drain_)) {
    ready_.push_back(key);
    changed_.notify_one();
  }
}

void WorkQueue::shut_down(bool drain) {
  const std::lock_guard lock(mutex_);
  shut_down_ = true;
  drain_ = drain;
  due_.clear();
  order_.clear();
  changed_.notify_all();
}

WorkQueue::Counts WorkQueue::counts() const {
  const std::lock_guard lock(mutex_);
  return {ready_.size(), due_.size(), in_flight_.size()};
}

}  // namespace otlpipe::runtime
