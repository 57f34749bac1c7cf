#include "worker/data/rpc_status.h"

#include <cstdint>
#include <cstdio>

#include "worker/data/wire.h"

namespace otlpipe::worker::data {
namespace {

using std::chrono::milliseconds;
constexpr std::string_view kRetryInfo = "type.googleapis.com/google.rpc.RetryInfo";

void append_quoted(std::string& out, std::string_view text) {
  out.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", byte);
      out += escaped;
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

std::string encode_duration(milliseconds delay) {
  std::string out;
  const auto ms = static_cast<std::uint64_t>(delay.count());
  if (ms / 1000 > 0) wire::append_varint_field(out, 1, ms / 1000);
  if (ms % 1000 > 0) wire::append_varint_field(out, 2, ms % 1000 * 1'000'000);
  return out;
}

std::optional<milliseconds> decode_retry_info(std::string_view bytes) {
  wire::FieldReader info(bytes);
  wire::Field field;
  while (info.next(field)) {
    if (field.number != 1 || field.type != wire::kLength) continue;
    std::int64_t seconds = 0;
    std::int64_t nanos = 0;
    wire::FieldReader duration(field.bytes);
    for (wire::Field part; duration.next(part);) {
      if (part.type != wire::kVarint) continue;
      if (part.number == 1) seconds = static_cast<std::int64_t>(part.value);
      if (part.number == 2) nanos = static_cast<std::int64_t>(part.value);
    }
    // A delay is bounded here so that no peer can park data for ever (or overflow the sum).
    constexpr std::int64_t kLongest = 24 * 3600;
    if (seconds < 0 || nanos < 0) return milliseconds{0};
    if (seconds > kLongest) return milliseconds{kLongest * 1000};
    return milliseconds{seconds * 1000 + nanos / 1'000'000};
  }
  return std::nullopt;
}

}  // namespace

std::string encode_protobuf(const RpcStatus& status) {
  std::string out;
  if (status.code != 0) wire::append_varint_field(out, 1, static_cast<std::uint64_t>(status.code));
  if (!status.message.empty()) wire::append_bytes_field(out, 2, status.message);
  if (status.retry_delay) {
    std::string info;
    wire::append_bytes_field(info, 1, encode_duration(*status.retry_delay));
    std::string any;
    wire::append_bytes_field(any, 1, kRetryInfo);
    wire::append_bytes_field(any, 2, info);
    wire::append_bytes_field(out, 3, any);
  }
  return out;
}

std::string encode_json(const RpcStatus& status) {
  std::string out = "{\"code\":" + std::to_string(status.code) + ",\"message\":";
  append_quoted(out, status.message);
  if (status.retry_delay) {
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%.3fs", static_cast<double>(status.retry_delay->count()) / 1000);
    out +=
        ",\"details\":[{\"@type\":\"" + std::string(kRetryInfo) + "\",\"retryDelay\":\"" + seconds + "\"}]";
  }
  return out + "}";
}

std::optional<RpcStatus> decode_rpc_status(std::string_view bytes) {
  RpcStatus status;
  wire::FieldReader reader(bytes);
  wire::Field field;
  while (reader.next(field)) {
    if (field.number == 1 && field.type == wire::kVarint) status.code = static_cast<int>(field.value);
    if (field.number == 2 && field.type == wire::kLength) status.message = field.bytes;
    if (field.number == 3 && field.type == wire::kLength) {
      std::string_view type;
      std::string_view value;
      wire::FieldReader any(field.bytes);
      for (wire::Field part; any.next(part);) {
        if (part.type != wire::kLength) continue;
        if (part.number == 1) type = part.bytes;
        if (part.number == 2) value = part.bytes;
      }
      if (type == kRetryInfo) status.retry_delay = decode_retry_info(value);
    }
  }
  if (!reader.ok()) return std::nullopt;
  return status;
}

}  // namespace otlpipe::worker::data
