#pragma once

// HTTP/2 frames and header blocks as bytes (RFC 9113, RFC 7541), for programs that send the same ones over
// and over. Pure.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace otlpipe::bench {

enum class FrameType : std::uint8_t {
  kData = 0,
  kHeaders = 1,
  kRstStream = 3,
  kSettings = 4,
  kPing = 6,
  kGoaway = 7,
  kWindowUpdate = 8,
  kContinuation = 9
};
inline constexpr std::uint8_t kFlagEndStream = 1;
inline constexpr std::uint8_t kFlagAck = 1;
inline constexpr std::uint8_t kFlagEndHeaders = 4;
inline constexpr std::uint8_t kFlagPadded = 8;
inline constexpr std::uint8_t kFlagPriority = 32;

enum class Setting : std::uint16_t { kMaxConcurrentStreams = 3, kInitialWindowSize = 4, kMaxFrameSize = 5 };

inline constexpr std::string_view kClientPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
inline constexpr std::size_t kFrameHeadBytes = 9;
inline constexpr std::size_t kGrpcPrefixLength = 5;
inline constexpr std::size_t kDefaultMaxFrame = 16'384;
inline constexpr std::int64_t kDefaultWindow = 65'535;

struct FrameHead {
  std::size_t length = 0;
  FrameType type = FrameType::kData;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
};

inline void put_number(std::uint8_t* out, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) out[i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}
inline std::uint32_t get_number(const std::uint8_t* in) {
  return std::uint32_t{in[0]} << 24 | std::uint32_t{in[1]} << 16 | std::uint32_t{in[2]} << 8 | in[3];
}

// Writes kFrameHeadBytes.
inline void put_head(std::uint8_t* out, const FrameHead& head) {
  put_number(out, static_cast<std::uint32_t>(head.length) << 8 | static_cast<std::uint8_t>(head.type));
  out[4] = head.flags;
  put_number(out + 5, head.stream);
}
// Reads kFrameHeadBytes.
inline FrameHead get_head(const std::uint8_t* in) {
  return {get_number(in) >> 8, static_cast<FrameType>(in[3]), in[4], get_number(in + 5) & 0x7fffffff};
}

// How many bytes the next DATA frame takes of a body with `left` bytes; 0 while a window is closed.
inline std::size_t next_cut(std::size_t left, std::int64_t stream_window, std::int64_t connection_window,
                            std::size_t max_frame) {
  const std::int64_t window = std::min(stream_window, connection_window);
  if (window <= 0) return 0;
  return std::min({left, static_cast<std::size_t>(window), max_frame});
}

// A whole frame.
std::string make_frame(FrameType type, std::uint8_t flags, std::uint32_t stream,
                       std::string_view payload = {});
std::string make_settings(const std::vector<std::pair<Setting, std::uint32_t>>& values);
std::string make_window_update(std::uint32_t stream, std::uint32_t more);

// A header block of literals that are never indexed: the same bytes on every stream, whatever was sent
// before.
std::string make_header_block(const std::vector<std::pair<std::string, std::string>>& headers);

// The prefix of a gRPC message and the message.
std::string make_grpc_message(std::string_view message, bool compressed);

}  // namespace otlpipe::bench
