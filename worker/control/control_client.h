#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "common/log/logger.h"
#include "common/time/backoff.h"

namespace otlpipe::control::v1 {
class Report;
}

namespace otlpipe::worker::control {

// Who this worker is, as the operator knows it.
struct Identity {
  std::string ns;
  std::string pipeline;
  std::string pod;
  std::string pod_uid;
  std::string version;
};

struct ControlOptions {
  std::string endpoint;     // HOST:PORT of the operator
  std::string ca_file;      // PEM; empty: plain text
  std::string token_file;   // service-account token, read anew for every stream; empty: none is sent
  std::string server_name;  // expected in the certificate; empty: the endpoint's host
  Duration report_interval = std::chrono::seconds(5);
  BackoffOptions reconnect{
      .initial = std::chrono::milliseconds(500), .max = std::chrono::seconds(10), .jitter = 0.5};
  int max_message_bytes = 16 << 20;
  Duration keepalive_interval = std::chrono::seconds(30);
};

// One thing that is wrong with a configuration.
struct ConfigProblem {
  std::string path;
  std::string message;
};

// The worker, as the stream sees it. Called from the client's threads, two at once at most; implementations
// are thread safe.
class Host {
 public:
  virtual ~Host() = default;

  // Runs this configuration. Returns when it runs on every core (empty), or why the previous one still does.
  virtual std::vector<ConfigProblem> apply_config(const std::string& hash, const std::string& json) = 0;
  // What runs now; empty before the first configuration.
  virtual std::string applied_hash() = 0;
  // Fills in counters, queues and health. Called every report interval; must not block long.
  virtual void fill_report(otlpipe::control::v1::Report& report) = 0;
  // Begins to drain and returns; the process ends by itself.
  virtual void drain() = 0;
  virtual void set_log_level(LogLevel level) = 0;
};

// Keeps one stream to the operator open for as long as it lives, on threads of its own. An operator that is
// away, refuses or hangs up is tried again with back-off and never stops the worker. `host` and `random` must
// outlive it. Protocol: proto/otlpipe/control/v1/control.proto.
class ControlClient {
 public:
  static std::unique_ptr<ControlClient> start(ControlOptions options, Identity identity, Host& host,
                                              Random& random, Logger logger);
  // Sends a last report if the stream is up, then hangs up. Waits a second at most.
  virtual ~ControlClient() = default;

  // Tells the operator of a configuration that came by another way (the mounted file). Thread safe, does not
  // block.
  virtual void config_changed(const std::string& hash, const std::vector<ConfigProblem>& problems) = 0;
  // Whether a stream is up: the operator has answered on it or taken the greeting. Thread safe.
  virtual bool connected() const = 0;
};

}  // namespace otlpipe::worker::control
