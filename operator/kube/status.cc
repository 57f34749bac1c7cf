#include "operator/kube/status.h"

#include <charconv>
#include <optional>

#include <nlohmann/json.hpp>

#include "operator/kube/json_text.h"
#include "operator/kube/object.h"

namespace otlpipe::kube {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxMessage = 2000;

Code code_of(int http, std::string_view reason) {
  switch (http) {
    case 400:
    case 406:
    case 413:
    case 415:
    case 422:
      return Code::kInvalidArgument;
    case 401:
      return Code::kUnauthenticated;
    case 403:
      return Code::kPermissionDenied;
    case 404:
      return Code::kNotFound;
    case 405:
      return Code::kUnimplemented;
    case 408:
    case 504:
      return Code::kDeadlineExceeded;
    case 409:
      return reason == "AlreadyExists" ? Code::kAlreadyExists : Code::kAborted;
    case 410:
      return Code::kOutOfRange;
    case 429:
      return Code::kResourceExhausted;
    case 500:
      return Code::kInternal;
    case 502:
    case 503:
      return Code::kUnavailable;
    default:
      return http > 500 ? Code::kUnavailable : Code::kUnknown;
  }
}

bool repeating_helps(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
    case Code::kNotFound:
    case Code::kAlreadyExists:
    case Code::kUnimplemented:
      return false;
    // Permissions and credentials are mended from outside while we run.
    default:
      return true;
  }
}

std::optional<int> seconds_of(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return std::min(value, 600);
}

// Field paths of the causes that the message does not tell already.
std::string causes_of(const Json& status, const std::string& message) {
  std::string extra;
  const Json* causes = find(status, "details.causes");
  if (causes == nullptr || !causes->is_array()) return extra;
  for (const Json& cause : *causes) {
    const std::string_view field = find_string(cause, "field");
    if (field.empty() || message.find(field) != std::string::npos) continue;
    extra += "; " + std::string(field) + ": " + std::string(find_string(cause, "message"));
  }
  return extra;
}

Error make(int http, const Json& status, std::string message, std::optional<int> after, std::string where) {
  const Code code = code_of(http, find_string(status, "reason"));
  if (!after && find(status, "details.retryAfterSeconds") != nullptr) {
    const std::int64_t asked = find_int(status, "details.retryAfterSeconds");
    if (asked > 0) after = static_cast<int>(std::min<std::int64_t>(asked, 600));
  }
  Retry retry = repeating_helps(code) ? Retry::backoff() : Retry::never();
  if (after && retry.allowed()) retry = Retry::after(std::chrono::seconds(*after));
  message += causes_of(status, message);
  return {code, one_line(message, kMaxMessage), std::move(where), retry};
}

}  // namespace

Error error_from_answer(const FailedAnswer& answer, std::string where) {
  auto parsed = parse_wire_json(answer.body, where);
  const Json status = parsed ? std::move(*parsed) : Json();
  std::string message(find_string(status, "message"));
  if (message.empty()) {
    message = "HTTP " + std::to_string(answer.code);
    if (!answer.body.empty()) message += ": " + one_line(answer.body, 200);
  }
  return make(answer.code, status, std::move(message), seconds_of(answer.retry_after), std::move(where));
}

Error error_from_status(const Json& status, std::string where) {
  const auto http = static_cast<int>(find_int(status, "code", 500));
  std::string message(find_string(status, "message"));
  if (message.empty()) message = "the server ended the watch with an error";
  return make(http, status, std::move(message), std::nullopt, std::move(where));
}

}  // namespace otlpipe::kube
