#include "worker/exporters/otlp_grpc/outcome.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>

#include "worker/data/export_response.h"
#include "worker/data/rpc_status.h"

namespace otlpipe::worker::exporters::otlp_grpc {
namespace {

using queue::SendResult;
using Kind = SendResult::Kind;

// gRPC has no code for "your message is too large"; every library says it in words of its own.
bool speaks_of_size(std::string_view message) {
  std::string lower(message);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  constexpr std::array<std::string_view, 6> kWords = {"larger than", "too large",    "maximum size",
                                                      "max size",    "message size", "size limit"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

std::string describe(int code, const std::string& message) {
  return std::string(to_string(static_cast<Code>(code))) + (message.empty() ? "" : ": " + message);
}

// A proxy that knows nothing of gRPC answers with a bare HTTP status.
SendResult from_http_status(int status) {
  const std::string message = "HTTP status " + std::to_string(status) + " without a gRPC status";
  const bool retryable = status == 429 || status == 502 || status == 503 || status == 504;
  if (retryable) return {Kind::kRetry, 0, {}, Code::kUnavailable, message};
  return {status == 413 ? Kind::kTooLarge : Kind::kRejected, 0, {}, Code::kInternal, message};
}

SendResult delivered(const std::string& body) {
  const auto response = data::decode_export_response(body);
  if (!response) return {};
  return {Kind::kDelivered, response->rejected, {}, Code::kUnknown, response->message};
}

}  // namespace

SendResult interpret(const Result<transport::ClientResponse>& answer) {
  if (!answer) return {Kind::kRetry, 0, {}, answer.error().code, answer.error().to_string()};
  // A proxy's limit. Without a gRPC status the transport reads it as UNKNOWN, as every gRPC library does.
  if (answer->http_status == 413) return from_http_status(answer->http_status);
  const transport::GrpcStatus& status = answer->grpc;
  if (status.code == 0) {
    if (answer->http_status != 0 && answer->http_status != 200) return from_http_status(answer->http_status);
    return delivered(answer->body);
  }
  SendResult result{
      Kind::kRejected, 0, {}, static_cast<Code>(status.code), describe(status.code, status.message)};
  if (const auto details = data::decode_rpc_status(status.details); details && !status.details.empty()) {
    result.delay = details->retry_delay;
  }
  switch (static_cast<Code>(status.code)) {
    case Code::kOutOfRange:
      result.kind = speaks_of_size(status.message) ? Kind::kTooLarge : Kind::kRetry;
      break;
    case Code::kCancelled:
    case Code::kDeadlineExceeded:
    case Code::kAborted:
    case Code::kUnavailable:
    case Code::kDataLoss:
      result.kind = Kind::kRetry;
      break;
    case Code::kResourceExhausted:
      result.kind = result.delay                     ? Kind::kRetry
                    : speaks_of_size(status.message) ? Kind::kTooLarge
                                                     : Kind::kRejected;
      break;
    case Code::kInvalidArgument:
      result.kind = Kind::kBadData;
      break;
    default:
      break;
  }
  return result;
}

}  // namespace otlpipe::worker::exporters::otlp_grpc
