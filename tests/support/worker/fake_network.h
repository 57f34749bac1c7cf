#pragma once

// A transport::Core without a network: listeners that a test calls, clients whose answers a test gives.

#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/fake_event_loop.h"
#include "worker/transport/transport.h"

namespace otlpipe::testing {

namespace transport = worker::transport;

struct FakeCall {
  std::string peer;  // host:port
  transport::ClientRequest request;
  std::function<void(Result<transport::ClientResponse>)> done;

  std::string body() const {
    std::string all;
    for (const Bytes& part : request.body) all.append(as_text(part.view()));
    return all;
  }
  void answer_grpc(int code, std::string message = {}, std::string details = {}, std::string body = {}) {
    transport::ClientResponse response;
    response.http_status = 200;
    response.grpc = {code, std::move(message), std::move(details)};
    response.body = std::move(body);
    std::exchange(done, nullptr)(std::move(response));
  }
  void answer_http(int status, transport::Headers headers = {}, std::string body = {}) {
    transport::ClientResponse response;
    response.http_status = status;
    response.headers = std::move(headers);
    response.body = std::move(body);
    std::exchange(done, nullptr)(std::move(response));
  }
  void fail_to_connect() {
    std::exchange(done, nullptr)(fail(Code::kUnavailable, "connection refused", peer, Retry::backoff()));
  }
};

class FakeNetwork final : public transport::Core {
 public:
  struct State {
    transport::ServerOptions options;
    std::shared_ptr<transport::ServerHandler> handler;
    std::function<void()> drained;
    bool draining = false;
    bool closed = false;
  };

  FakeEventLoop& loop() override { return loop_; }

  Result<std::unique_ptr<transport::Server>> listen(
      const transport::ServerOptions& options, std::shared_ptr<transport::ServerHandler> handler,
      std::shared_ptr<transport::MemoryBudget> budget) override {
    static_cast<void>(budget);
    if (taken_ports.contains(options.port)) {
      return fail(Code::kUnavailable, "address already in use",
                  options.address + ":" + std::to_string(options.port));
    }
    auto state = std::make_shared<State>();
    state->options = options;
    if (state->options.port == 0) state->options.port = next_port_++;
    state->handler = std::move(handler);
    if (options.reuse_port) servers.push_back(state);
    return std::make_unique<FakeServer>(std::move(state));
  }

  std::unique_ptr<transport::Client> connect(const transport::ClientOptions& options) override {
    return std::make_unique<FakeClient>(*this, options.host + ":" + std::to_string(options.port));
  }
  void run() override { loop_.run(); }
  void stop() override {}

  // Servers that are open and not draining.
  std::vector<std::shared_ptr<State>> open_servers() const {
    std::vector<std::shared_ptr<State>> open;
    for (const auto& server : servers) {
      if (!server->closed && !server->draining) open.push_back(server);
    }
    return open;
  }
  std::shared_ptr<FakeCall> next_call() {
    if (calls.empty()) return nullptr;
    auto call = calls.front();
    calls.pop_front();
    return call;
  }

  std::set<std::uint16_t> taken_ports;
  std::vector<std::shared_ptr<State>> servers;  // all that ever were
  std::deque<std::shared_ptr<FakeCall>> calls;  // not looked at yet

 private:
  class FakeServer final : public transport::Server {
   public:
    explicit FakeServer(std::shared_ptr<State> state) : state_(std::move(state)) {}
    ~FakeServer() override { state_->closed = true; }
    std::uint16_t port() const override { return state_->options.port; }
    void set_handler(std::shared_ptr<transport::ServerHandler> handler) override {
      state_->handler = std::move(handler);
    }
    void drain(std::chrono::milliseconds, std::function<void()> done) override {
      state_->draining = true;
      state_->drained = std::move(done);
    }
    transport::ServerStats stats() const override { return {}; }

   private:
    std::shared_ptr<State> state_;
  };
  class FakeClient final : public transport::Client {
   public:
    FakeClient(FakeNetwork& network, std::string peer) : network_(network), peer_(std::move(peer)) {}
    void call(transport::ClientRequest request,
              std::function<void(Result<transport::ClientResponse>)> done) override {
      network_.calls.push_back(
          std::make_shared<FakeCall>(FakeCall{peer_, std::move(request), std::move(done)}));
    }

   private:
    FakeNetwork& network_;
    std::string peer_;
  };

  FakeEventLoop loop_;
  std::uint16_t next_port_ = 40'000;
};

}  // namespace otlpipe::testing
