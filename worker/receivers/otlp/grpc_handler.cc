#include <utility>

#include "worker/receivers/otlp/answer.h"
#include "worker/receivers/otlp/handlers.h"

namespace otlpipe::worker::receivers::otlp {
namespace {

using transport::GrpcStatus;
using transport::HttpResponse;
using transport::ServerRequest;

class GrpcHandler final : public transport::ServerHandler {
 public:
  explicit GrpcHandler(Intake intake) : intake_(std::move(intake)) {}

  std::optional<GrpcStatus> check_grpc(const ServerRequest& head) override {
    const auto signal = signal_of_grpc_path(head.path);
    if (!signal) return unimplemented("unknown method " + head.path);
    if (!intake_.takes(*signal)) {
      return unimplemented("no pipeline takes " + std::string(to_string(*signal)) + " from this receiver");
    }
    return std::nullopt;
  }

  void on_grpc(ServerRequest request, transport::GrpcResponder respond) override {
    const auto signal = signal_of_grpc_path(request.path);
    if (!signal) return respond(unimplemented("unknown method " + request.path), {});
    intake_.take(*signal, std::move(request), [respond = std::move(respond)](const data::Outcome& outcome) {
      GrpcAnswer answer = grpc_answer(outcome);
      respond(std::move(answer.status), std::move(answer.message));
    });
  }

  GrpcStatus grpc_refusal(const ServerRequest& head, const Error& error) override {
    const auto signal = signal_of_grpc_path(head.path);
    if (signal && error.code != Code::kUnavailable) intake_.refused(*signal);
    return otlp::grpc_refusal(error);
  }

  // A gRPC listener gets no plain HTTP requests.
  std::optional<HttpResponse> check_http(const ServerRequest&) override { return not_here(); }
  void on_http(ServerRequest, transport::HttpResponder respond) override { respond(not_here()); }
  HttpResponse http_refusal(const ServerRequest&, const Error&) override { return not_here(); }

 private:
  static GrpcStatus unimplemented(std::string message) {
    return {static_cast<int>(Code::kUnimplemented), std::move(message)};
  }
  static HttpResponse not_here() {
    return otlp::http_refusal(415, {Code::kUnimplemented, "this port serves OTLP/gRPC"}, BodyEncoding::kJson);
  }

  Intake intake_;
};

}  // namespace

std::shared_ptr<transport::ServerHandler> make_grpc_handler(Intake intake) {
  return std::make_shared<GrpcHandler>(std::move(intake));
}

}  // namespace otlpipe::worker::receivers::otlp
