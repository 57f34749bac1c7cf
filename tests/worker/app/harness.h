#pragma once

// A whole worker in this process, between real gRPC clients and a real gRPC backend.

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common/time/clock.h"
#include "worker/app/supervisor.h"
#include "worker/pipeline/engine.h"

namespace grpc {
class Server;
}

namespace otlpipe::testing {

// A backend that takes logs over gRPC and remembers the names of the records. Thread safe.
class Backend {
 public:
  // How it answers: a gRPC code and message.
  struct Answer {
    int code = 0;
    std::string message = {};
  };
  using Behave = std::function<Answer(const std::vector<std::string>& names)>;

  explicit Backend(int port = 0);  // 0: any
  ~Backend();
  int port() const { return port_; }
  void behave(Behave behave);
  std::multiset<std::string> records() const;

 private:
  class Service;
  std::unique_ptr<Service> service_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

// Sends log requests one after the other, each until it is acknowledged, on a thread of its own.
class Traffic {
 public:
  Traffic(int port, std::string prefix, std::size_t records_per_request);
  ~Traffic() { stop(); }
  void stop();
  std::vector<std::string> acknowledged() const;
  std::vector<std::string> refused() const;  // for good

 private:
  void run(int port, const std::string& prefix, std::size_t records);

  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::vector<std::string> acknowledged_;
  std::vector<std::string> refused_;
  std::thread thread_;
};

// The worker without its main loop.
class RunningWorker {
 public:
  // `cpu_time`: see CoreSetOptions.
  explicit RunningWorker(std::size_t cores = 2, std::function<Duration()> cpu_time = {});
  ~RunningWorker();
  worker::app::Supervisor::Outcome apply(const std::string& json) { return supervisor_->apply(json); }
  worker::app::Supervisor& supervisor() { return *supervisor_; }
  worker::pipeline::Engine& engine() { return *engine_; }
  worker::telemetry::Registry& registry() { return registry_; }
  int port(const std::string& protocol) const;
  // What drain left, after at most `limit`; all zero: everything was delivered.
  worker::pipeline::Abandoned drain(std::chrono::milliseconds limit);

  std::vector<std::string> announced;

 private:
  SystemClock clock_;
  worker::telemetry::Registry registry_;
  worker::pipeline::Components components_;
  std::unique_ptr<worker::pipeline::Engine> engine_;
  std::unique_ptr<worker::app::Supervisor> supervisor_;
};

// A configuration with one receiver at any port, a batch processor and one otlpGrpc exporter to
// `backend_port`.
struct ConfigOptions {
  int backend_port = 0;
  std::string batch = R"({"timeout":"5ms"})";
  std::string retry = R"({"initialInterval":"20ms","maxInterval":"100ms"})";
  std::string queue = "{}";
  std::string exporter_name = "backend";
  std::string memory = "64Mi";
  std::string http = R"({"port":4318})";
  std::string compression = "none";
  std::string processors = R"(["batch"])";  // of the pipeline
  bool to_http = false;                     // the exporter is otlpHttp, not otlpGrpc
};
std::string config_json(const ConfigOptions& options);

// Waits for `condition`, looking every few milliseconds, for up to a minute, which only a broken
// program or a very busy machine uses up.
bool eventually(const std::function<bool()>& condition);

}  // namespace otlpipe::testing
