#include "tests/worker/app/harness.h"

#include <condition_variable>
#include <utility>

#include <grpcpp/grpcpp.h>

#include "opentelemetry/proto/collector/logs/v1/logs_service.grpc.pb.h"
#include "tests/support/worker/otlp_data.h"
#include "worker/app/components.h"

namespace otlpipe::testing {

namespace logs = opentelemetry::proto::collector::logs::v1;
using worker::Signal;

class Backend::Service final : public logs::LogsService::Service {
 public:
  grpc::Status Export(grpc::ServerContext*, const logs::ExportLogsServiceRequest* request,
                      logs::ExportLogsServiceResponse*) override {
    const auto names = record_names(Signal::kLogs, request->SerializeAsString());
    Behave behave;
    {
      const std::lock_guard lock(mutex_);
      behave = behave_;
    }
    const Answer answer = behave ? behave(names) : Answer{};
    if (answer.code != 0) return {static_cast<grpc::StatusCode>(answer.code), answer.message};
    const std::lock_guard lock(mutex_);
    records_.insert(names.begin(), names.end());
    return grpc::Status::OK;
  }

  std::mutex mutex_;
  Behave behave_;
  std::multiset<std::string> records_;
};

Backend::Backend(int port) : service_(std::make_unique<Service>()) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:" + std::to_string(port), grpc::InsecureServerCredentials(), &port_);
  builder.RegisterService(service_.get());
  server_ = builder.BuildAndStart();
}

Backend::~Backend() {
  server_->Shutdown(std::chrono::system_clock::now());
}

void Backend::behave(Behave behave) {
  const std::lock_guard lock(service_->mutex_);
  service_->behave_ = std::move(behave);
}

std::multiset<std::string> Backend::records() const {
  const std::lock_guard lock(service_->mutex_);
  return service_->records_;
}

Traffic::Traffic(int port, std::string prefix, std::size_t records)
    : thread_([this, port, prefix = std::move(prefix), records] { run(port, prefix, records); }) {}

void Traffic::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void Traffic::run(int port, const std::string& prefix, std::size_t records) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  const auto channel = grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port),
                                                 grpc::InsecureChannelCredentials(), arguments);
  const auto stub = logs::LogsService::NewStub(channel);
  for (int number = 0; !stopping_; ++number) {
    const std::string text =
        make_request(Signal::kLogs, records, prefix + "." + std::to_string(number) + ".");
    logs::ExportLogsServiceRequest request;
    request.ParseFromString(text);
    while (!stopping_) {
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
      logs::ExportLogsServiceResponse response;
      const grpc::Status status = stub->Export(&context, request, &response);
      const std::lock_guard lock(mutex_);
      auto names = record_names(Signal::kLogs, text);
      if (status.ok()) {
        acknowledged_.insert(acknowledged_.end(), names.begin(), names.end());
        break;
      }
      if (status.error_code() == grpc::INVALID_ARGUMENT || status.error_code() == grpc::INTERNAL) {
        refused_.insert(refused_.end(), names.begin(), names.end());
        break;
      }
    }
  }
}

std::vector<std::string> Traffic::acknowledged() const {
  const std::lock_guard lock(mutex_);
  return acknowledged_;
}

std::vector<std::string> Traffic::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

RunningWorker::RunningWorker(std::size_t cores, std::function<Duration()> cpu_time)
    : registry_(cores), components_(worker::app::all_components()) {
  engine_ = std::make_unique<worker::pipeline::Engine>(
      worker::pipeline::CoreSetOptions{cores, false, std::move(cpu_time)}, worker::transport::make_core,
      components_, worker::pipeline::PlanContext{registry_, Logger(), clock_}, clock_, 1);
  supervisor_ = std::make_unique<worker::app::Supervisor>(worker::app::Supervisor::Needs{
      *engine_, registry_, Logger(), clock_, [](const std::string&) { return std::nullopt; },
      [this](const std::string& line) { announced.push_back(line); }});
}

RunningWorker::~RunningWorker() = default;

int RunningWorker::port(const std::string& protocol) const {
  for (const auto& listener : engine_->listeners()) {
    if (listener.protocol == protocol) return listener.port;
  }
  return 0;
}

worker::pipeline::Abandoned RunningWorker::drain(std::chrono::milliseconds limit) {
  struct Finished {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
  };
  const auto finished = std::make_shared<Finished>();
  engine_->drain(limit, [finished] {
    const std::lock_guard lock(finished->mutex);
    finished->done = true;
    finished->changed.notify_all();
  });
  std::unique_lock lock(finished->mutex);
  if (finished->changed.wait_for(lock, limit, [&] { return finished->done; })) return {};
  lock.unlock();
  return engine_->abandon();
}

std::string config_json(const ConfigOptions& o) {
  return R"({"identity":{"namespace":"test","name":"gateway"},
    "receivers":[{"name":"otlp","otlp":{"grpc":{"port":4317},"http":)" +
         o.http + R"(}}],
    "processors":[{"name":"batch","batch":)" +
         o.batch + R"(}],
    "exporters":[{"name":")" +
         o.exporter_name + R"(",)" +
         (o.to_http ? R"("otlpHttp":{"endpoint":"http://127.0.0.1:)"
                    : R"("otlpGrpc":{"tls":{"insecure":true},"endpoint":"127.0.0.1:)") +
         std::to_string(o.backend_port) + R"(","compression":")" + o.compression + R"(","retry":)" + o.retry +
         R"(,"queue":)" + o.queue + R"(}}],
    "pipelines":[{"name":"all","receivers":["otlp"],"processors":)" +
         o.processors + R"(,"exporters":[")" + o.exporter_name + R"("]}],
    "listeners":[{"receiver":"otlp","protocol":"grpc","address":"127.0.0.1","port":0},
                 {"receiver":"otlp","protocol":"http","address":"127.0.0.1","port":0},
                 {"protocol":"metrics","address":"127.0.0.1","port":0}],
    "memoryBudget":")" +
         o.memory + R"("})";
}

bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (std::chrono::steady_clock::now() < deadline) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return condition();
}

}  // namespace otlpipe::testing
