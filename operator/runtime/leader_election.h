#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <variant>

#include <nlohmann/json_fwd.hpp>

#include "common/base/random.h"
#include "common/base/result.h"
#include "common/log/logger.h"
#include "operator/kube/client.h"
#include "operator/runtime/wait_clock.h"

namespace otlpipe::runtime {

// One leader at a time by a coordination.k8s.io/v1 Lease, with the rules of client-go's leaderelection: a
// candidate takes the lease over only when it has itself watched it unrenewed for a whole lease duration (so
// clocks need not agree), and a leader that could not renew within the renew deadline stops leading before
// anybody can take over.

struct LeaderElectionOptions {
  kube::ObjectKey lease;
  std::string identity;  // unique for each process
  Duration lease_duration = std::chrono::seconds(15);
  Duration renew_deadline = std::chrono::seconds(10);
  Duration retry_period = std::chrono::seconds(2);
  double jitter = 0.2;  // of the retry period of candidates, so that they do not come together
};

// What a candidate knows of the lease: what it last saw there, and when that last changed by its own clock.
struct LeaseView {
  std::string holder = {};
  std::string renew_time = {};
  std::int64_t transitions = 0;
  MonotonicTime changed_at = {};
  Duration duration = {};  // what the holder promised
};

struct CreateLease {};
struct TakeLease {};   // it is free, released or expired
struct RenewLease {};  // it is ours
struct LeaveLease {};  // somebody else holds it
using LeaseDecision = std::variant<CreateLease, TakeLease, RenewLease, LeaveLease>;

// Pure: looks at the lease (null: there is none), brings `view` up to date and says what to do.
LeaseDecision decide_lease(const nlohmann::json* lease, LeaseView& view, const LeaderElectionOptions& options,
                           MonotonicTime now);

// The Lease object to write. `current` is null for a new one.
nlohmann::json lease_object(const nlohmann::json* current, const LeaseDecision& decision,
                            const LeaderElectionOptions& options, WallTime now);

// The Lease object that gives it up, so that the next candidate need not wait.
nlohmann::json released_lease_object(const nlohmann::json& current, WallTime now);

// Holds the lease for this process. run() on one thread; is_leader() from any.
class LeaderElection {
 public:
  struct Callbacks {
    std::function<void()> on_started;                                 // on the thread of run()
    std::function<void()> on_lost;                                    // the process must stop acting now
    std::function<void(const std::string& holder)> on_observed = {};  // a leader was seen, maybe ourselves
  };
  LeaderElection(LeaderElectionOptions options, kube::Client& client, WaitClock& clock, Random& random,
                 Logger logger);

  // Blocks: until the lease was held and lost (kAborted, after on_lost), or until `stop`, when a held lease
  // is released so that the next one need not wait (success).
  Status run(const Callbacks& callbacks, std::stop_token stop);

  bool is_leader() const { return leading_.load(); }

 private:
  Result<bool> try_once();
  bool acquire(const Callbacks& callbacks, const std::stop_token& stop);
  void renew(const Callbacks& callbacks, const std::stop_token& stop);
  bool keep(const std::stop_token& stop);
  void tell_observed(const Callbacks& callbacks);
  void release();

  const LeaderElectionOptions options_;
  kube::Client& client_;
  WaitClock& clock_;
  Random& random_;
  const Logger logger_;
  LeaseView view_;    // of run()'s thread, then of the renewing one
  std::string told_;  // likewise
  std::atomic<bool> leading_{false};

  std::mutex mutex_;
  std::condition_variable changed_;
  MonotonicTime renewed_at_{};  // when the last successful renewal was begun
  bool usurped_ = false;
};

}  // namespace otlpipe::runtime
