#include "worker/receivers/otlp/answer.h"

#include <algorithm>
#include <cctype>
#include <chrono>

#include "worker/data/export_response.h"
#include "worker/data/rpc_status.h"

namespace otlpipe::worker::receivers::otlp {
namespace {

using data::Outcome;
using std::chrono::milliseconds;

// When nobody named a delay.
constexpr milliseconds kDefaultDelay{1'000};
constexpr const char* kProtobufType = "application/x-protobuf";
constexpr const char* kJsonType = "application/json";

milliseconds delay_of(milliseconds delay) {
  return delay.count() > 0 ? delay : kDefaultDelay;
}

std::string retry_after(milliseconds delay) {
  return std::to_string(std::max<milliseconds::rep>(1, (delay.count() + 999) / 1000));
}

Error error_of(const Outcome& outcome) {
  if (outcome.kind == Outcome::Kind::kRetry) {
    return {Code::kUnavailable, outcome.message, {}, Retry::after(delay_of(outcome.delay))};
  }
  // Only bad data is the client's fault. What else a backend refuses for good is an inner failure to the
  // client.
  const Code code = outcome.code == Code::kInvalidArgument || outcome.code == Code::kUnimplemented
                        ? outcome.code
                        : Code::kInternal;
  return {code, outcome.message};
}

data::RpcStatus rpc_status(const Error& error) {
  data::RpcStatus status{static_cast<int>(error.code), error.message};
  if (error.code == Code::kUnavailable) {
    status.retry_delay =
        error.retry.kind == Retry::Kind::kAfter ? delay_of(error.retry.delay) : kDefaultDelay;
  }
  return status;
}

}  // namespace

BodyEncoding answer_encoding(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  std::string lower(type);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower.find("protobuf") != std::string::npos ? BodyEncoding::kProtobuf : BodyEncoding::kJson;
}

GrpcAnswer grpc_answer(const Outcome& outcome) {
  if (outcome.kind == Outcome::Kind::kDelivered) {
    return {{},
            data::encode_protobuf(
                data::ExportResponse{outcome.rejected, outcome.rejected > 0 ? outcome.message : ""})};
  }
  return {grpc_refusal(error_of(outcome)), {}};
}

transport::HttpResponse http_answer(const Outcome& outcome) {
  if (outcome.kind == Outcome::Kind::kDelivered) {
    return {200,
            {{"content-type", kProtobufType}},
            data::encode_protobuf(
                data::ExportResponse{outcome.rejected, outcome.rejected > 0 ? outcome.message : ""})};
  }
  const Error error = error_of(outcome);
  return http_refusal(http_status_of(error), error, BodyEncoding::kProtobuf);
}

transport::GrpcStatus grpc_refusal(const Error& error) {
  // RetryInfo only where a retry makes sense: a client takes RESOURCE_EXHAUSTED with it as a throttle.
  transport::GrpcStatus status{static_cast<int>(error.code), error.message};
  if (error.code == Code::kUnavailable) status.details = data::encode_protobuf(rpc_status(error));
  return status;
}

int http_status_of(const Error& error) {
  switch (error.code) {
    case Code::kInvalidArgument:
      return 400;
    case Code::kUnauthenticated:
      return 401;
    case Code::kPermissionDenied:
      return 403;
    case Code::kNotFound:
      return 404;
    case Code::kDeadlineExceeded:
      return 408;
    case Code::kResourceExhausted:
      return 413;
    case Code::kUnimplemented:
      return 415;
    case Code::kUnavailable:
      return 503;
    default:
      return 500;
  }
}

transport::HttpResponse http_refusal(int status, const Error& error, BodyEncoding encoding) {
  const data::RpcStatus body = rpc_status(error);
  const bool json = encoding == BodyEncoding::kJson;
  transport::HttpResponse response{status,
                                   {{"content-type", json ? kJsonType : kProtobufType}},
                                   json ? data::encode_json(body) : data::encode_protobuf(body)};
  if (body.retry_delay) response.headers.emplace_back("retry-after", retry_after(*body.retry_delay));
  return response;
}

}  // namespace otlpipe::worker::receivers::otlp
