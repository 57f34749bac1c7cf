#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "common/base/result.h"
#include "common/log/logger.h"
#include "operator/kube/client.h"
#include "operator/runtime/controller.h"
#include "operator/runtime/informer.h"
#include "operator/runtime/leader_election.h"
#include "operator/runtime/observer.h"
#include "operator/runtime/wait_clock.h"

namespace otlpipe::runtime {

struct ManagerOptions {
  std::optional<LeaderElectionOptions> leader_election = {};  // nothing: leads at once
  Duration sync_timeout = std::chrono::minutes(2);            // for the caches to fill before run() gives up
  Duration stop_deadline = std::chrono::seconds(20);          // for everything to end after the stop
};

// Owns the threads: informers and runnables from the start, controllers once the caches have synced and this
// process leads. Everything is added before run(); what is passed by reference must outlive the manager.
class Manager {
 public:
  Manager(ManagerOptions options, kube::Client& client, WaitClock& clock, Random& random, Logger logger,
          Observer& observer);
  ~Manager();

  // Lives as long as the manager. The same spec twice makes two informers.
  Informer& add_informer(InformerSpec spec);
  // Started when leading, stopped first.
  void add_controller(Controller& controller);
  // `run` returns soon after its token is stopped.
  enum class When { kAlways, kLeading };
  void add_runnable(std::string name, When when, std::function<void(std::stop_token)> run);

  // Blocks until `stop` (success), or leadership is lost (kAborted), or the caches do not fill in time
  // (kDeadlineExceeded with the reason of each). All threads have ended when it returns, except that past the
  // stop deadline it returns kDeadlineExceeded naming what still runs; the process must then exit without
  // unwinding.
  Status run(std::stop_token stop);

  // Whether every cache has synced (for /readyz). Thread safe.
  bool synced() const;
  bool leading() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace otlpipe::runtime
