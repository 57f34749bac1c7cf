#include "worker/transport/grpc_framing.h"

#include <algorithm>

namespace otlpipe::worker::transport {

std::array<std::uint8_t, kGrpcPrefixBytes> grpc_prefix(bool compressed, std::uint32_t length) {
  return {static_cast<std::uint8_t>(compressed ? 1 : 0), static_cast<std::uint8_t>(length >> 24),
          static_cast<std::uint8_t>(length >> 16), static_cast<std::uint8_t>(length >> 8),
          static_cast<std::uint8_t>(length)};
}

Status GrpcMessageReader::append(ByteView data) {
  if (prefix_size_ < kGrpcPrefixBytes) {
    const std::size_t take = std::min(kGrpcPrefixBytes - prefix_size_, data.size());
    std::copy_n(data.begin(), take, prefix_.begin() + static_cast<std::ptrdiff_t>(prefix_size_));
    prefix_size_ += take;
    data = data.subspan(take);
    if (prefix_size_ < kGrpcPrefixBytes) return {};
    if (prefix_[0] > 1) return fail(Code::kInvalidArgument, "the gRPC message has an unknown flag");
    length_ = (std::size_t{prefix_[1]} << 24) | (std::size_t{prefix_[2]} << 16) |
              (std::size_t{prefix_[3]} << 8) | std::size_t{prefix_[4]};
    if (Status reserved = buffer_.reserve(length_); !reserved) return reserved;
  }
  if (data.size() > length_ - buffer_.size()) {
    return fail(Code::kInvalidArgument, "more bytes than the one message of a unary call");
  }
  return buffer_.append(data);
}

Status GrpcMessageReader::finish() const {
  if (prefix_size_ == 0) return fail(Code::kInvalidArgument, "the call has no message");
  if (prefix_size_ < kGrpcPrefixBytes || buffer_.size() < length_) {
    return fail(Code::kInvalidArgument, "the gRPC message is cut short");
  }
  return {};
}

bool is_grpc_content_type(std::string_view value) {
  constexpr std::string_view kPrefix = "application/grpc";
  if (!value.starts_with(kPrefix)) return false;
  value.remove_prefix(kPrefix.size());
  return value.empty() || value.front() == '+' || value.front() == ';';
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte <= 0x7e && c != '%') {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 15]);
    }
  }
  return out;
}

namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::string base64_encode(std::string_view bytes) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    count += 8;
    while (count >= 6) {
      count -= 6;
      out.push_back(kBase64[(bits >> count) & 63]);
    }
  }
  if (count > 0) out.push_back(kBase64[(bits << (6 - count)) & 63]);
  return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::size_t value = kBase64.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<char>((bits >> count) & 0xff));
    }
  }
  return out;
}

std::string format_grpc_timeout(std::chrono::milliseconds timeout) {
  constexpr std::int64_t kMost = 99'999'999;  // eight digits
  const std::int64_t ms = std::max<std::int64_t>(timeout.count(), 1);
  if (ms <= kMost) return std::to_string(ms) + "m";
  if (ms / 1000 <= kMost) return std::to_string(ms / 1000) + "S";
  return std::to_string(std::min(ms / 3'600'000, kMost)) + "H";
}

int grpc_code_of_http_status(int http_status) {
  switch (http_status) {
    case 400:
      return static_cast<int>(Code::kInternal);
    case 401:
      return static_cast<int>(Code::kUnauthenticated);
    case 403:
      return static_cast<int>(Code::kPermissionDenied);
    case 404:
      return static_cast<int>(Code::kUnimplemented);
    case 429:
    case 502:
    case 503:
    case 504:
      return static_cast<int>(Code::kUnavailable);
    default:
      return static_cast<int>(Code::kUnknown);
  }
}

}  // namespace otlpipe::worker::transport
