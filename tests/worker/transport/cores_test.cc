// Several loops, each on its thread: what the worker runs in production.
#include <thread>

#include "tests/worker/transport/harness.h"

namespace otlpipe::worker::transport {
namespace {

// One budget for all, as in production: taken on one thread and given back on any.
class SharedBudget final : public MemoryBudget {
 public:
  bool try_acquire(std::size_t bytes) override {
    used += bytes;
    return true;
  }
  void release(std::size_t bytes) override { used -= bytes; }
  std::atomic<std::size_t> used{0};
};

TEST(Cores, ShareAPortAndServeEveryConnection) {
  const auto budget = std::make_shared<SharedBudget>();
  const auto handler = std::make_shared<ScriptedHandler>();
  constexpr std::size_t kServers = 2;
  constexpr int kClients = 64;
  struct Lane {
    std::unique_ptr<Core> core = make_core();
    std::unique_ptr<Server> server;
    std::thread thread;
    std::uint64_t requests = 0;
  };
  std::vector<Lane> lanes(kServers);
  ServerOptions options;
  options.address = "127.0.0.1";
  for (Lane& lane : lanes) {
    lane.server = std::move(*lane.core->listen(options, handler, budget));
    options.port = lane.server->port();
    lane.thread = std::thread([&lane] { lane.core->run(); });
  }

  const auto core = make_core();
  ClientOptions to;
  to.host = "127.0.0.1";
  to.port = options.port;
  std::vector<std::unique_ptr<Client>> clients;
  int answered = 0;
  for (int i = 0; i < kClients; ++i) {
    clients.push_back(core->connect(to));
    ClientRequest request;
    request.path = "/otlpipe.test.Echo/Call";
    request.body.push_back(Bytes::from("body " + std::to_string(i)));
    clients.back()->call(std::move(request), [&, i](Result<ClientResponse> result) {
      ASSERT_TRUE(result) << result.error().to_string();
      EXPECT_EQ(result->body, "body " + std::to_string(i));
      if (++answered == kClients) core->stop();
    });
  }
  core->run();
  clients.clear();
  std::uint64_t total = 0;
  for (Lane& lane : lanes) {
    lane.core->loop().post([&lane] {
      lane.requests = lane.server->stats().requests;
      lane.server.reset();
      lane.core->stop();
    });
    lane.thread.join();
    EXPECT_GT(lane.requests, 0u) << "the kernel spreads connections over the listeners";
    total += lane.requests;
  }
  EXPECT_EQ(total, static_cast<std::uint64_t>(kClients));
  EXPECT_EQ(budget->used, 0u);
}

}  // namespace
}  // namespace otlpipe::worker::transport
