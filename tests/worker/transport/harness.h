#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "worker/transport/transport.h"

// What the transport's tests share: a budget that counts, a handler that tests script, and a core that runs
// on the test's own thread until the test says that it has seen enough.
namespace otlpipe::worker::transport {

class CountingBudget final : public MemoryBudget {
 public:
  explicit CountingBudget(std::size_t capacity) : capacity_(capacity) {}
  bool try_acquire(std::size_t bytes) override {
    if (used + bytes > capacity_) return false;
    used += bytes;
    peak = std::max<std::size_t>(peak, used);
    return true;
  }
  void release(std::size_t bytes) override { used -= bytes; }

  std::size_t used = 0;
  std::size_t peak = 0;

 private:
  std::size_t capacity_;
};

// Answers gRPC with the body that came, HTTP with "method path body"; a test replaces what it is about.
class ScriptedHandler final : public ServerHandler {
 public:
  std::optional<HttpResponse> check_http(const ServerRequest& head) override {
    return http_check ? http_check(head) : std::nullopt;
  }
  std::optional<GrpcStatus> check_grpc(const ServerRequest& head) override {
    return grpc_check ? grpc_check(head) : std::nullopt;
  }
  void on_http(ServerRequest request, HttpResponder respond) override {
    if (http) return http(std::move(request), std::move(respond));
    HttpResponse response;
    response.headers.emplace_back("content-type", "text/plain");
    response.body = request.method + " " + request.path + " " + std::string(as_text(request.body.view()));
    respond(std::move(response));
  }
  void on_grpc(ServerRequest request, GrpcResponder respond) override {
    if (grpc) return grpc(std::move(request), std::move(respond));
    respond(GrpcStatus{}, std::string(as_text(request.body.view())));
  }
  HttpResponse http_refusal(const ServerRequest&, const Error& error) override {
    refusals.push_back(error);
    HttpResponse response;
    switch (error.code) {
      case Code::kResourceExhausted:
        response.status = 413;
        break;
      case Code::kUnimplemented:
        response.status = 415;
        break;
      case Code::kUnavailable:
        response.status = 503;
        break;
      case Code::kDeadlineExceeded:
        response.status = 408;
        break;
      default:
        response.status = 400;
    }
    response.body = error.message;
    return response;
  }
  GrpcStatus grpc_refusal(const ServerRequest&, const Error& error) override {
    refusals.push_back(error);
    return {static_cast<int>(error.code), error.message, {}};
  }

  std::function<std::optional<HttpResponse>(const ServerRequest&)> http_check;
  std::function<std::optional<GrpcStatus>(const ServerRequest&)> grpc_check;
  std::function<void(ServerRequest, HttpResponder)> http;
  std::function<void(ServerRequest, GrpcResponder)> grpc;
  std::vector<Error> refusals;
};

class TransportTest : public testing::Test {
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
