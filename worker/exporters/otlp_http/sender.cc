#include "worker/exporters/otlp_http/sender.h"

#include <map>
#include <utility>

#include "worker/exporters/body.h"
#include "worker/exporters/metadata.h"
#include "worker/exporters/otlp_http/outcome.h"

namespace otlpipe::worker::exporters::otlp_http {
namespace {

class HttpSender final : public queue::Sender {
 public:
  HttpSender(std::shared_ptr<const Config> config, transport::Core& network, const Clock& clock)
      : config_(std::move(config)), clock_(clock) {
    for (const auto& endpoint : config_->endpoints) {
      if (!endpoint) continue;
      auto& client = clients_[{endpoint->host, endpoint->port}];
      if (client) continue;
      transport::ClientOptions options;
      options.host = endpoint->host;
      options.port = endpoint->port;
      options.grpc = false;
      client = network.connect(options);
    }
  }

  compression::Compression compression() const override { return config_->compression; }

  void send(const data::Batch& batch, Done done) override {
    const auto& endpoint = config_->endpoints[static_cast<std::size_t>(batch.signal())];
    if (!endpoint) {
      return done({queue::SendResult::Kind::kRejected,
                   0,
                   {},
                   Code::kFailedPrecondition,
                   "no endpoint for " + std::string(to_string(batch.signal())) + " is configured"});
    }
    transport::ClientRequest request;
    request.path = endpoint->path;
    request.headers = with_metadata(config_->headers, batch);
    request.headers.emplace_back("content-type", "application/x-protobuf");
    put_body(request, batch, config_->compression);
    request.timeout = config_->timeout;
    clients_.at({endpoint->host, endpoint->port})
        ->call(std::move(request),
               [done = std::move(done), &clock = clock_](const Result<transport::ClientResponse>& answer) {
                 done(interpret(answer, clock.wall_now()));
               });
  }

 private:
  std::shared_ptr<const Config> config_;
  const Clock& clock_;
  std::map<std::pair<std::string, std::uint16_t>, std::unique_ptr<transport::Client>> clients_;
};

}  // namespace

std::unique_ptr<queue::Sender> make_sender(std::shared_ptr<const Config> config, transport::Core& network,
                                           const Clock& clock) {
  return std::make_unique<HttpSender>(std::move(config), network, clock);
}

}  // namespace otlpipe::worker::exporters::otlp_http
