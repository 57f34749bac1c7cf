#include "worker/exporters/otlp_grpc/sender.h"

#include <utility>

#include "worker/exporters/body.h"
#include "worker/exporters/metadata.h"
#include "worker/exporters/otlp_grpc/outcome.h"

namespace otlpipe::worker::exporters::otlp_grpc {
namespace {

const char* method_of(Signal signal) {
  switch (signal) {
    case Signal::kTraces:
      return "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    case Signal::kMetrics:
      return "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
    case Signal::kLogs:
      break;
  }
  return "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
}

class GrpcSender final : public queue::Sender {
 public:
  GrpcSender(std::shared_ptr<const Config> config, std::unique_ptr<transport::Client> client)
      : config_(std::move(config)), client_(std::move(client)) {}

  compression::Compression compression() const override { return config_->compression; }

  void send(const data::Batch& batch, Done done) override {
    transport::ClientRequest request;
    request.path = method_of(batch.signal());
    request.headers = with_metadata(config_->headers, batch);
    put_body(request, batch, config_->compression);
    request.timeout = config_->timeout;
    client_->call(std::move(request),
                  [done = std::move(done)](const Result<transport::ClientResponse>& answer) {
                    done(interpret(answer));
                  });
  }

 private:
  std::shared_ptr<const Config> config_;
  std::unique_ptr<transport::Client> client_;
};

}  // namespace

std::unique_ptr<queue::Sender> make_sender(std::shared_ptr<const Config> config,
                                           std::unique_ptr<transport::Client> client) {
  return std::make_unique<GrpcSender>(std::move(config), std::move(client));
}

}  // namespace otlpipe::worker::exporters::otlp_grpc
