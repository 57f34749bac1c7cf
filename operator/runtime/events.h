#pragma once

#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "common/base/random.h"
#include "common/log/logger.h"
#include "operator/kube/client.h"
#include "operator/runtime/observer.h"
#include "operator/runtime/wait_clock.h"

namespace otlpipe::runtime {

enum class EventType { kNormal, kWarning };

// Tells people what happened to an object, where `kubectl describe` shows it. Never blocks, never fails.
// Thread safe.
class EventRecorder {
 public:
  virtual ~EventRecorder() = default;
  // `reason` is one CamelCase word ("ConfigurationRejected"), `action` what was being done ("Reconcile").
  virtual void record(const nlohmann::json& object, EventType type, std::string_view reason,
                      std::string_view action, std::string_view message) = 0;
};

struct EventOptions {
  std::string reporting_controller = "otlpipe.io/operator";
  std::string reporting_instance;
  std::string fallback_namespace = "default";        // for events about cluster-scoped objects
  std::size_t max_pending = 256;                     // more are dropped and counted
  std::size_t max_series = 2048;                     // remembered for de-duplication
  Duration series_window = std::chrono::minutes(6);  // the same event within it becomes a series
  double per_object_rate = 1.0 / 30;                 // events a second for one object, after a burst
  int per_object_burst = 25;
};

// Writes events.k8s.io/v1 Events from a queue of its own: the same event (object, type, reason, action,
// message) again within the window raises the series count of the first instead of making a new one, and no
// object gets more than its rate. run() on one thread.
class ApiEventRecorder final : public EventRecorder {
 public:
  ApiEventRecorder(EventOptions options, kube::Client& client, WaitClock& clock, Random& random,
                   Logger logger, Observer& observer);
  ~ApiEventRecorder() override;

  void record(const nlohmann::json& object, EventType type, std::string_view reason, std::string_view action,
              std::string_view message) override;

  // Sends until `stop`; then sends what is pending, once.
  void run(std::stop_token stop);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Forgets everything: for tests and tools.
class NoEventRecorder final : public EventRecorder {
 public:
  void record(const nlohmann::json&, EventType, std::string_view, std::string_view,
              std::string_view) override {}
};

}  // namespace otlpipe::runtime
