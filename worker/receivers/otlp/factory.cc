#include "worker/receivers/otlp/factory.h"

#include <utility>

#include "otlpipe/v1alpha1/receivers.pb.h"
#include "worker/receivers/otlp/config.h"
#include "worker/receivers/otlp/handlers.h"

namespace otlpipe::worker::receivers::otlp {
namespace {

using pipeline::ListenerPlan;

class Listener final : public ListenerPlan {
 public:
  Listener(ProtocolConfig config, bool grpc, std::shared_ptr<const telemetry::ReceiverMetrics> metrics)
      : config_(config), grpc_(grpc), metrics_(std::move(metrics)) {}

  std::string protocol() const override { return grpc_ ? "grpc" : "http"; }
  std::string port_field() const override { return "otlp." + protocol() + ".port"; }

  transport::ServerOptions options() const override {
    transport::ServerOptions options;
    options.port = config_.port;
    options.protocol = grpc_ ? transport::ServerProtocol::kGrpc : transport::ServerProtocol::kHttp;
    options.max_message_bytes = config_.max_message_bytes;
    options.max_connection_age = config_.max_connection_age;
    return options;
  }

  std::shared_ptr<transport::ServerHandler> handler(
      pipeline::CoreContext& core, std::shared_ptr<const pipeline::Outputs> outputs) const override {
    // A copy a core, so that cores do not count references to the same object.
    Intake intake(std::make_shared<const telemetry::ReceiverMetrics>(*metrics_), core.index,
                  std::move(outputs));
    return grpc_ ? make_grpc_handler(std::move(intake)) : make_http_handler(std::move(intake));
  }

 private:
  ProtocolConfig config_;
  bool grpc_;
  std::shared_ptr<const telemetry::ReceiverMetrics> metrics_;
};

class Plan final : public pipeline::ReceiverPlan {
 public:
  Plan(const std::string& name, const Config& config, telemetry::Registry& registry) {
    const auto add = [&](const ProtocolConfig& protocol, bool grpc) {
      auto metrics =
          std::make_shared<const telemetry::ReceiverMetrics>(registry, name, grpc ? "grpc" : "http");
      listeners_.push_back(std::make_shared<Listener>(protocol, grpc, std::move(metrics)));
    };
    if (config.grpc) add(*config.grpc, true);
    if (config.http) add(*config.http, false);
  }

  std::vector<std::shared_ptr<const ListenerPlan>> listeners() const override { return listeners_; }

 private:
  std::vector<std::shared_ptr<const ListenerPlan>> listeners_;
};

class Factory final : public pipeline::ReceiverFactory {
 public:
  Result<std::shared_ptr<const pipeline::ReceiverPlan>> plan(
      const v1alpha1::Receiver& config, const pipeline::PlanContext& context) const override {
    if (!config.has_otlp()) return nullptr;
    return std::make_shared<Plan>(config.name(), read_config(config.otlp()), context.registry);
  }
};

}  // namespace

std::unique_ptr<pipeline::ReceiverFactory> make_factory() {
  return std::make_unique<Factory>();
}

}  // namespace otlpipe::worker::receivers::otlp
