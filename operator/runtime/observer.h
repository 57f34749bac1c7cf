#pragma once

#include <cstddef>
#include <string_view>

#include "common/time/clock.h"

namespace otlpipe::runtime {

enum class ReconcileResult { kSuccess, kRequeueAfter, kError, kPanic };

// Where the runtime reports what it does; operator/telemetry turns it into metrics. Thread safe, and quick:
// it is called on the working threads. Every function does nothing unless it is overridden.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void reconciled(std::string_view controller, ReconcileResult result, Duration took) {
    (void)controller, (void)result, (void)took;
  }
  virtual void queue_depth(std::string_view controller, std::size_t ready, std::size_t delayed) {
    (void)controller, (void)ready, (void)delayed;
  }
  virtual void watch_restarted(std::string_view kind, std::string_view reason) { (void)kind, (void)reason; }
  virtual void listed(std::string_view kind, std::size_t objects) { (void)kind, (void)objects; }
  virtual void leading(bool is_leader) { (void)is_leader; }
  virtual void event_dropped() {}
};

}  // namespace otlpipe::runtime
