#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "worker/transport/transport.h"

// A budget that counts and a handler that tests script. Without gtest: the fuzz targets use them too.
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

}  // namespace otlpipe::worker::transport
