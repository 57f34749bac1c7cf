#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "common/base/random.h"
#include "common/log/logger.h"
#include "operator/kube/client.h"
#include "operator/runtime/cache.h"
#include "operator/runtime/observer.h"
#include "operator/runtime/wait_clock.h"
#include "operator/runtime/watcher.h"

namespace otlpipe::runtime {

// What to keep a copy of.
struct InformerSpec {
  kube::Resource resource;
  std::string ns = {};  // empty: every namespace
  std::string label_selector = {};
  std::string field_selector = {};
  // Called on each object before it is stored, to drop what nobody reads. managedFields always go.
  std::function<void(nlohmann::json&)> strip = {};
  WatcherOptions watcher = {};
};

// Fills one cache from the API server by list and watch: the thin edge around the state machine of watcher.h.
class Informer {
 public:
  Informer(InformerSpec spec, kube::Client& client, WaitClock& clock, Random& random, Logger logger,
           Observer& observer);
  ~Informer();

  const InformerSpec& spec() const { return spec_; }
  // Add indexes and handlers before run().
  Cache& cache() { return cache_; }
  const Cache& cache() const { return cache_; }

  // Lists and watches on this thread until `stop`. Errors are logged, counted and retried with back-off,
  // never given up.
  void run(std::stop_token stop);

  // The error of the last attempt, while the informer waits to try again; for readiness and messages.
  std::string last_error() const;

 private:
  struct Edge;
  const InformerSpec spec_;
  kube::Client& client_;
  WaitClock& clock_;
  Random& random_;
  const Logger logger_;
  Observer& observer_;
  Cache cache_;
  mutable std::mutex mutex_;
  std::string last_error_;
};

}  // namespace otlpipe::runtime
