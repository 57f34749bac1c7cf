#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "worker/transport/body_buffer.h"

// The parts of gRPC over HTTP/2 that are text and framing
// (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). Pure functions and one small state
// machine.
namespace otlpipe::worker::transport {

inline constexpr std::size_t kGrpcPrefixBytes = 5;

// The five bytes before a message: compressed flag and length, big endian.
std::array<std::uint8_t, kGrpcPrefixBytes> grpc_prefix(bool compressed, std::uint32_t length);

// Collects exactly one length-prefixed message from DATA as it comes in; memory is taken when the prefix is
// known.
class GrpcMessageReader {
 public:
  explicit GrpcMessageReader(BodyBuffer buffer) : buffer_(std::move(buffer)) {}

  // kResourceExhausted or kUnavailable from the prefix, kInvalidArgument for bytes after the message or a bad
  // flag.
  Status append(ByteView data);
  // The stream has ended: kInvalidArgument when the message is missing or cut short.
  Status finish() const;
  bool compressed() const { return prefix_[0] == 1; }
  BodyBuffer& buffer() { return buffer_; }

 private:
  std::array<std::uint8_t, kGrpcPrefixBytes> prefix_{};
  std::size_t prefix_size_ = 0;
  std::size_t length_ = 0;
  BodyBuffer buffer_;
};

// "application/grpc", alone or followed by '+' or ';'.
bool is_grpc_content_type(std::string_view value);

// grpc-message: printable ASCII without '%' stays, every other byte becomes %XX. Decoding leaves a broken
// escape as it is.
std::string percent_encode(std::string_view text);
std::string percent_decode(std::string_view text);

// Base64 as -bin headers carry it: written without padding, read with or without it. Nothing when it is not
// base64.
std::string base64_encode(std::string_view bytes);
std::optional<std::string> base64_decode(std::string_view text);

// grpc-timeout: at most eight digits and a unit.
std::string format_grpc_timeout(std::chrono::milliseconds timeout);

// The gRPC code that an HTTP status without grpc-status stands for (doc/http-grpc-status-mapping.md of gRPC).
int grpc_code_of_http_status(int http_status);

}  // namespace otlpipe::worker::transport
