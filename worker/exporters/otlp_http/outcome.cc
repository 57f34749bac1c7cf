#include "worker/exporters/otlp_http/outcome.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <string>

#include "worker/data/export_response.h"
#include "worker/data/rpc_status.h"

namespace otlpipe::worker::exporters::otlp_http {
namespace {

using queue::SendResult;
using std::chrono::milliseconds;
using Kind = SendResult::Kind;

constexpr std::size_t kLongestMessage = 500;

bool is_protobuf(const transport::ClientResponse& answer) {
  return transport::find_header(answer.headers, "content-type").starts_with("application/x-protobuf");
}

// What the server said, for the log: the message of a google.rpc.Status, or the beginning of a text.
std::string describe(const transport::ClientResponse& answer) {
  std::string message = "HTTP status " + std::to_string(answer.http_status);
  std::string text = answer.body;
  if (is_protobuf(answer)) {
    const auto status = data::decode_rpc_status(answer.body);
    text = status ? status->message : "";
  }
  if (text.size() > kLongestMessage) text.resize(kLongestMessage);
  if (!text.empty()) message += ": " + text;
  return message;
}

Code code_of(int status) {
  switch (status) {
    case 400:
      return Code::kInvalidArgument;
    case 401:
      return Code::kUnauthenticated;
    case 403:
      return Code::kPermissionDenied;
    case 404:
      return Code::kNotFound;
    default:
      return Code::kInternal;
  }
}

}  // namespace

std::optional<milliseconds> parse_retry_after(std::string_view value, WallTime now) {
  constexpr std::int64_t kLongest = 24 * 3600;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (error != std::errc() || end != value.data() + value.size()) {
    std::tm date{};
    const std::string text(value);
    if (strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date) == nullptr) return std::nullopt;
    const auto then = std::chrono::system_clock::from_time_t(timegm(&date));
    seconds = std::chrono::ceil<std::chrono::seconds>(then - now).count();
  }
  return milliseconds(std::clamp<std::int64_t>(seconds, 0, kLongest) * 1000);
}

SendResult interpret(const Result<transport::ClientResponse>& answer, WallTime now) {
  if (!answer) return {Kind::kRetry, 0, {}, answer.error().code, answer.error().to_string()};
  const int status = answer->http_status;
  if (status >= 200 && status < 300) {
    const auto response = is_protobuf(*answer) ? data::decode_export_response(answer->body) : std::nullopt;
    if (!response) return {};
    return {Kind::kDelivered, response->rejected, {}, Code::kUnknown, response->message};
  }
  SendResult result{Kind::kRejected, 0, {}, code_of(status), describe(*answer)};
  if (status == 429 || status == 502 || status == 503 || status == 504) {
    result.kind = Kind::kRetry;
    result.delay = parse_retry_after(transport::find_header(answer->headers, "retry-after"), now);
  } else if (status == 400) {
    result.kind = Kind::kBadData;
  } else if (status == 413) {
    result.kind = Kind::kTooLarge;
  }
  return result;
}

}  // namespace otlpipe::worker::exporters::otlp_http
