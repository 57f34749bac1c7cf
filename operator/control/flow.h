#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "common/time/clock.h"

namespace otlpipe::control {

// Items (spans, metric points, log records) that came and went, over all signals.
struct Flow {
  std::uint64_t received = 0;  // taken in from clients
  std::uint64_t sent = 0;      // acknowledged by backends
  std::uint64_t refused = 0;   // not taken in; the client keeps them
  std::uint64_t dropped = 0;   // lost
  bool operator==(const Flow&) const = default;
  Flow& operator+=(const Flow& other);
};

// What flowed in the last minute, out of counters that only grow while a process lives and begin at 0 when it
// starts. Not thread safe.
class FlowWindow {
 public:
  static constexpr Duration kLength = std::chrono::seconds(60);

  // What `process` (a pod's uid) has counted since it began, `uptime` ago. The first word of a process that
  // is older than the window is only a starting point: nobody knows when its counts happened.
  void observe(const std::string& process, const Flow& total, Duration uptime, MonotonicTime now);

  // The sum over the last minute.
  Flow per_minute(MonotonicTime now);

  // Forgets the counters of processes that were silent for ten minutes.
  void forget_silent(MonotonicTime now);
  std::size_t processes() const { return last_.size(); }

 private:
  struct Bucket {
    MonotonicTime start;
    Flow flow;
  };
  struct Last {
    Flow total;
    MonotonicTime at;
  };
  void prune(MonotonicTime now);

  std::deque<Bucket> buckets_;  // a second each, oldest first, at most a minute's worth
  std::map<std::string, Last> last_;
};

}  // namespace otlpipe::control
