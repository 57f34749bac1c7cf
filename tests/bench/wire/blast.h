#pragma once

#include <memory>
#include <vector>

#include "common/base/result.h"
#include "common/time/clock.h"
#include "tests/bench/wire/ammunition.h"

namespace otlpipe::bench {

// The load generator's loop: opens the connections, keeps them busy, opens anew what breaks. One thread.
class Blast {
 public:
  Blast(const BlastOptions& options, const Ammunition& ammunition, const Clock& clock, Load& load)
      : options_(options), ammunition_(ammunition), clock_(clock), load_(load) {}

  // Until the load is finished or the time is up. kUnavailable: the server cannot be reached (any more).
  Status run();

 private:
  struct Slot {
    std::unique_ptr<Sender> sender;
    bool full = false;  // the socket is; wait until it can be written to
  };
  Status open(Slot& slot);
  Status renew(MonotonicTime now);
  void send(Slot& slot, MonotonicTime now);

  const BlastOptions& options_;
  const Ammunition& ammunition_;
  const Clock& clock_;
  Load& load_;
  Poller poller_;
  std::vector<Slot> slots_;
  std::size_t next_ = 0;  // where sending begins, so that no connection is always the first
  MonotonicTime reachable_;
  MonotonicTime next_try_;
  bool connected_ = false;  // at least once
};

}  // namespace otlpipe::bench
