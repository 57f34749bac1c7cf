#include <utility>

#include "worker/transport/asio_loop.h"
#include "worker/transport/asio_server.h"
#include "worker/transport/client_pool.h"
#include "worker/transport/transport.h"

namespace otlpipe::worker::transport {

namespace {

class AsioCore final : public Core {
 public:
  EventLoop& loop() override { return loop_; }

  Result<std::unique_ptr<Server>> listen(const ServerOptions& options, std::shared_ptr<ServerHandler> handler,
                                         std::shared_ptr<MemoryBudget> budget) override {
    return make_asio_server(loop_, options, std::move(handler), std::move(budget), decompressor_, clock_);
  }
  std::unique_ptr<Client> connect(const ClientOptions& options) override {
    return make_client_pool(loop_, options, compressor_, decompressor_);
  }
  void run() override { loop_.run(); }
  void stop() override { loop_.stop(); }

 private:
  SystemClock clock_;
  std::shared_ptr<compression::Compressor> compressor_ = compression::make_compressor();
  std::shared_ptr<compression::Decompressor> decompressor_ = compression::make_decompressor();
  AsioLoop loop_;
};

}  // namespace

std::unique_ptr<Core> make_core() {
  return std::make_unique<AsioCore>();
}

std::string_view find_header(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace otlpipe::worker::transport
