#include <algorithm>
#include <cctype>
#include <string>
#include <utility>

#include "worker/receivers/otlp/answer.h"
#include "worker/receivers/otlp/handlers.h"

namespace otlpipe::worker::receivers::otlp {
namespace {

using transport::GrpcStatus;
using transport::HttpResponse;
using transport::ServerRequest;

constexpr const char* kEncodings = "gzip, deflate, zstd, br";

// The media type of a Content-Type in lower case, without parameters.
std::string media_type(std::string_view content_type) {
  std::string type(content_type.substr(0, content_type.find(';')));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.pop_back();
  std::transform(type.begin(), type.end(), type.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return type;
}

class HttpHandler final : public transport::ServerHandler {
 public:
  explicit HttpHandler(Intake intake) : intake_(std::move(intake)) {}

  std::optional<HttpResponse> check_http(const ServerRequest& head) override {
    const std::string type = media_type(transport::find_header(head.headers, "content-type"));
    const BodyEncoding encoding = answer_encoding(type);
    const auto signal = signal_of_http_path(head.path);
    if (!signal) {
      return otlp::http_refusal(
          404, {Code::kNotFound, "no such path, there are /v1/traces, /v1/metrics and /v1/logs"}, encoding);
    }
    if (head.method != "POST") {
      HttpResponse response =
          otlp::http_refusal(405, {Code::kUnimplemented, "only POST is allowed"}, encoding);
      response.headers.emplace_back("allow", "POST");
      return response;
    }
    if (type == "application/json") {
      return otlp::http_refusal(
          415,
          {Code::kUnimplemented, "OTLP/JSON requests come with a later release, send application/x-protobuf"},
          encoding);
    }
    if (type != "application/x-protobuf") {
      return otlp::http_refusal(415, {Code::kUnimplemented, "Content-Type has to be application/x-protobuf"},
                                encoding);
    }
    if (!intake_.takes(*signal)) {
      return otlp::http_refusal(
          404,
          {Code::kNotFound, "no pipeline takes " + std::string(to_string(*signal)) + " from this receiver"},
          encoding);
    }
    return std::nullopt;
  }

  void on_http(ServerRequest request, transport::HttpResponder respond) override {
    const auto signal = signal_of_http_path(request.path);
    if (!signal)
      return respond(otlp::http_refusal(404, {Code::kNotFound, "no such path"}, BodyEncoding::kProtobuf));
    intake_.take(*signal, std::move(request), [respond = std::move(respond)](const data::Outcome& outcome) {
      respond(http_answer(outcome));
    });
  }

  HttpResponse http_refusal(const ServerRequest& head, const Error& error) override {
    const auto signal = signal_of_http_path(head.path);
    if (signal && error.code != Code::kUnavailable) intake_.refused(*signal);
    HttpResponse response = otlp::http_refusal(
        http_status_of(error), error, answer_encoding(transport::find_header(head.headers, "content-type")));
    // The transport refuses as unimplemented only an encoding of the body that it does not know.
    if (error.code == Code::kUnimplemented) response.headers.emplace_back("accept-encoding", kEncodings);
    return response;
  }

  // An HTTP listener gets no gRPC calls.
  std::optional<GrpcStatus> check_grpc(const ServerRequest&) override { return not_here(); }
  void on_grpc(ServerRequest, transport::GrpcResponder respond) override { respond(not_here(), {}); }
  GrpcStatus grpc_refusal(const ServerRequest&, const Error&) override { return not_here(); }

 private:
  static GrpcStatus not_here() {
    return {static_cast<int>(Code::kUnimplemented), "this port serves OTLP/HTTP"};
  }

  Intake intake_;
};

}  // namespace

std::shared_ptr<transport::ServerHandler> make_http_handler(Intake intake) {
  return std::make_shared<HttpHandler>(std::move(intake));
}

}  // namespace otlpipe::worker::receivers::otlp
