#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/worker/transport/fakes.h"
#include "worker/transport/transport.h"

// What the transport's tests share: a budget that counts, a handler that tests script, and a core that runs
// on the test's own thread until the test says that it has seen enough.
namespace otlpipe::worker::transport {

class TransportTest : public ::testing::Test {
 protected:
  // Runs the loop until finish() is called; fails the test when that takes too long.
  void run() {
    const auto guard = core_->loop().after(std::chrono::seconds(30), [this] {
      ADD_FAILURE() << "the test did not finish";
      core_->stop();
    });
    core_->run();
    core_->loop().cancel(guard);
  }
  void finish() { core_->stop(); }

  std::unique_ptr<Server> listen(ServerOptions options) {
    options.address = "127.0.0.1";
    auto server = core_->listen(options, handler_, budget_);
    if (!server) {
      ADD_FAILURE() << server.error().to_string();
      std::abort();
    }
    return std::move(*server);
  }
  std::unique_ptr<Server> listen_grpc() { return listen(ServerOptions{}); }
  std::unique_ptr<Server> listen_http() {
    ServerOptions options;
    options.protocol = ServerProtocol::kHttp;
    return listen(options);
  }

  static ClientOptions to(const Server& server, bool grpc) {
    ClientOptions options;
    options.host = "127.0.0.1";
    options.port = server.port();
    options.grpc = grpc;
    return options;
  }

  // One call, run to its answer.
  Result<ClientResponse> exchange(Client& client, ClientRequest request) {
    std::optional<Result<ClientResponse>> answer;
    client.call(std::move(request), [&](Result<ClientResponse> result) {
      answer = std::move(result);
      finish();
    });
    EXPECT_FALSE(answer) << "an answer from inside call()";
    run();
    return answer.value_or(fail(Code::kUnknown, "no answer"));
  }

  static ClientRequest request(std::string path, std::string body) {
    ClientRequest out;
    out.path = std::move(path);
    if (!body.empty()) out.body.push_back(Bytes::from(std::move(body)));
    return out;
  }

  std::shared_ptr<ScriptedHandler> handler_ = std::make_shared<ScriptedHandler>();
  std::shared_ptr<CountingBudget> budget_ = std::make_shared<CountingBudget>(256u << 20);
  std::unique_ptr<Core> core_ = make_core();
};

}  // namespace otlpipe::worker::transport
