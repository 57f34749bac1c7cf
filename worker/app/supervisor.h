#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/http/server.h"
#include "common/log/logger.h"
#include "common/time/clock.h"
#include "proto/schema/environment.h"
#include "proto/schema/field_error.h"
#include "worker/pipeline/engine.h"

namespace otlpipe::v1alpha1 {
class WorkerConfig;
}

namespace otlpipe::worker::app {

// Makes configurations run and knows which one does. Thread safe: the file and the operator may bring one at
// the same time, and the last good one to arrive wins.
class Supervisor {
 public:
  struct Needs {
    pipeline::Engine& engine;
    telemetry::Registry& registry;
    Logger log;
    const Clock& clock;
    schema::EnvironmentLookup environment;
    std::function<void(const std::string& line)> announce;  // a listener is open: "otlp/grpc 127.0.0.1:4317"
  };
  explicit Supervisor(Needs needs);

  // What went wrong with a configuration, and whether the text or the environment (a port in use) is to
  // blame.
  struct Outcome {
    schema::FieldErrors errors;
    bool environment = false;
    bool ok() const { return errors.empty(); }
  };
  // Makes `json` run, or says all that is wrong with it; the previous one then runs on. The one that runs
  // already is left alone.
  Outcome apply(const std::string& json);

  std::string hash() const;                                      // empty: none runs
  std::shared_ptr<const v1alpha1::WorkerConfig> config() const;  // nullptr: none runs

  // No configuration is taken over any more once this returns: it waits for one that is under way.
  void set_draining() {
    draining_ = true;
    const std::lock_guard wait(apply_mutex_);
  }
  bool draining() const { return draining_; }
  MonotonicTime started() const { return started_; }
  const pipeline::Engine& engine() const { return needs_.engine; }
  const telemetry::Registry& registry() const { return needs_.registry; }
  const Clock& clock() const { return needs_.clock; }
  const Logger& log() const { return needs_.log; }

 private:
  Outcome reject(schema::FieldErrors errors, bool environment);
  // The server on the metrics port of `options`; the present one when nothing changes.
  Result<std::shared_ptr<http::Server>> metrics_server(const http::ServerOptions& options);
  void announce_new(const std::vector<pipeline::OpenListener>& before);

  Needs needs_;
  const MonotonicTime started_;
  std::atomic<bool> draining_{false};
  std::mutex apply_mutex_;  // one configuration at a time
  mutable std::mutex mutex_;
  std::string hash_;
  std::shared_ptr<const v1alpha1::WorkerConfig> config_;
  std::shared_ptr<http::Server> metrics_;
  std::string metrics_key_;
  std::shared_ptr<telemetry::Counter> accepted_, rejected_;
};

}  // namespace otlpipe::worker::app
