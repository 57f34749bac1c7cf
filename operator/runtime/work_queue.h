#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "common/base/random.h"
#include "common/time/clock.h"
#include "operator/kube/object.h"
#include "operator/runtime/wait_clock.h"

namespace otlpipe::runtime {

struct WorkQueueOptions {
  Duration initial_backoff = std::chrono::milliseconds(50);
  Duration max_backoff = std::chrono::minutes(5);
  double jitter = 0.2;  // of each back-off, as a share, both ways
};

// A queue of keys of objects that want work. A key that is already waiting is not added again; a key that is
// added while it is being worked on waits until done() and then comes once more, so that no key is ever
// worked on twice at once and no change is missed. Delayed keys keep their earliest time. Bounded by the
// number of distinct keys. Thread safe; any number of consumers.
class WorkQueue {
 public:
  WorkQueue(WorkQueueOptions options, WaitClock& clock, Random& random);

  void add(const kube::ObjectKey& key);
  // The earlier of two delays wins, except that a key which backs off after a failure is not hurried.
  void add_after(const kube::ObjectKey& key, Duration delay);
  // After the key's own back-off, which doubles with each call until forget(). Returns that delay.
  Duration add_rate_limited(const kube::ObjectKey& key);
  // After at least `minimum`, and at least the key's back-off.
  Duration add_rate_limited(const kube::ObjectKey& key, Duration minimum);
  void forget(const kube::ObjectKey& key);
  int failures(const kube::ObjectKey& key) const;

  // Blocks until a key is due (the caller must call done() with it) or the queue is shut down (nothing).
  std::optional<kube::ObjectKey> get();
  void done(const kube::ObjectKey& key);

  // Wakes every consumer; from now on get() gives nothing and adds are ignored. With `drain`, keys that are
  // due already are still handed out.
  void shut_down(bool drain = false);

  struct Counts {
    std::size_t ready;
    std::size_t delayed;
    std::size_t in_flight;
  };
  Counts counts() const;

 private:
  void add_locked(const kube::ObjectKey& key);
  void undelay_locked(const kube::ObjectKey& key);
  void delay_locked(const kube::ObjectKey& key, Duration delay);
  void promote_due_locked();

  const WorkQueueOptions options_;
  WaitClock& clock_;
  Random& random_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<kube::ObjectKey>
      ready_;                         // in order of arrival; its keys are exactly `wanted_` less `in_flight_`
  std::set<kube::ObjectKey> wanted_;  // waiting, or to be run again after done()
  std::set<kube::ObjectKey> in_flight_;
  std::map<kube::ObjectKey, MonotonicTime> due_;               // delayed keys
  std::set<std::pair<MonotonicTime, kube::ObjectKey>> order_;  // the same by time
  std::map<kube::ObjectKey, int> failures_;
  bool shut_down_ = false;
  bool drain_ = false;
};

}  // namespace otlpipe::runtime
