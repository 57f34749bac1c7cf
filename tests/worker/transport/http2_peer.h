#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nghttp2/nghttp2.h>

#include "worker/transport/protocol.h"

// The other side of an HTTP/2 connection, written by hand, so that a test can say what no well-behaved
// library says.
namespace otlpipe::worker::transport {

inline constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

enum FrameType : std::uint8_t {
  kData = 0,
  kHeaders = 1,
  kRstStream = 3,
  kSettings = 4,
  kPing = 6,
  kGoaway = 7,
  kWindowUpdate = 8,
};
inline constexpr std::uint8_t kEndStream = 1;
inline constexpr std::uint8_t kAck = 1;
inline constexpr std::uint8_t kEndHeaders = 4;

inline std::string big_endian(std::uint32_t value, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> (8 * i)));
  return out;
}

inline std::string frame(FrameType type, std::uint8_t flags, std::uint32_t stream,
                         std::string_view payload = {}) {
  std::string out = big_endian(static_cast<std::uint32_t>(payload.size()), 3);
  out.push_back(static_cast<char>(type));
  out.push_back(static_cast<char>(flags));
  return out + big_endian(stream, 4) + std::string(payload);
}

inline std::string settings(const std::vector<std::pair<std::uint16_t, std::uint32_t>>& values = {}) {
  std::string payload;
  for (const auto& [id, value] : values) payload += big_endian(id, 2) + big_endian(value, 4);
  return frame(kSettings, 0, 0, payload);
}
inline std::string settings_ack() {
  return frame(kSettings, kAck, 0);
}

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// HPACK as literals without indexing: no state to keep.
inline std::string header_block(const HeaderList& headers) {
  const auto text = [](const std::string& s) {
    std::string out;
    if (s.size() < 127) {
      out.push_back(static_cast<char>(s.size()));
    } else {
      out.push_back(127);
      std::size_t rest = s.size() - 127;
      for (; rest >= 128; rest /= 128) out.push_back(static_cast<char>(rest % 128 + 128));
      out.push_back(static_cast<char>(rest));
    }
    return out + s;
  };
  std::string out;
  for (const auto& [name, value] : headers) out += '\0' + text(name) + text(value);
  return out;
}

inline std::string headers_frame(std::uint32_t stream, const HeaderList& headers, bool end_stream = false) {
  const auto flags = static_cast<std::uint8_t>(kEndHeaders | (end_stream ? kEndStream : 0));
  return frame(kHeaders, flags, stream, header_block(headers));
}

inline HeaderList grpc_head(HeaderList more = {}) {
  HeaderList head{{":method", "POST"},    {":scheme", "http"}, {":path", "/otlpipe.test.Echo/Call"},
                  {":authority", "test"}, {"te", "trailers"},  {"content-type", "application/grpc"}};
  head.insert(head.end(), more.begin(), more.end());
  return head;
}

inline std::string grpc_message(std::string_view body, bool compressed = false) {
  return std::string(1, compressed ? '\1' : '\0') + big_endian(static_cast<std::uint32_t>(body.size()), 4) +
         std::string(body);
}

// A whole unary call.
inline std::string grpc_call(std::uint32_t stream, std::string_view body) {
  return headers_frame(stream, grpc_head()) + frame(kData, kEndStream, stream, grpc_message(body));
}

struct Frame {
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
  std::string payload;
  std::map<std::string, std::string> headers;  // of HEADERS

  bool ends_stream() const { return (type == kData || type == kHeaders) && (flags & kEndStream) != 0; }
  std::uint32_t number(std::size_t at) const {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint8_t>(payload.at(at + i));
    return value;
  }
};

// Reads what a protocol writes.
class FrameReader {
 public:
  FrameReader() { nghttp2_hd_inflate_new(&inflater_); }
  ~FrameReader() { nghttp2_hd_inflate_del(inflater_); }
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;

  // All that `protocol` has to say now.
  std::vector<Frame> drain(Protocol& protocol) {
    OutputQueue queue;
    do {
      protocol.produce(queue);
      OutputQueue taken;
      queue.move_to(taken);
      pending_ += flatten(taken);
      if (taken.empty()) break;
    } while (true);
    if (pending_.starts_with(kPreface)) pending_.erase(0, kPreface.size());
    std::vector<Frame> frames;
    while (pending_.size() >= 9) {
      const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(pending_[i]); };
      const std::size_t length = static_cast<std::size_t>(byte(0) << 16 | byte(1) << 8 | byte(2));
      if (pending_.size() < 9 + length) break;
      Frame next{byte(3), byte(4), 0, pending_.substr(9, length), {}};
      for (std::size_t i = 5; i < 9; ++i) next.stream = next.stream << 8 | byte(i);
      pending_.erase(0, 9 + length);
      if (next.type == kHeaders) inflate(next);
      frames.push_back(std::move(next));
    }
    return frames;
  }

  static std::string flatten(OutputQueue& queue);

 private:
  void inflate(Frame& next) {
    auto* at = reinterpret_cast<std::uint8_t*>(next.payload.data());
    std::size_t left = next.payload.size();
    for (;;) {
      nghttp2_nv nv{};
      int flags = 0;
      const ssize_t used = nghttp2_hd_inflate_hd2(inflater_, &nv, &flags, at, left, 1);
      if (used < 0) return;
      at += used;
      left -= static_cast<std::size_t>(used);
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
        next.headers[std::string(reinterpret_cast<char*>(nv.name), nv.namelen)] =
            std::string(reinterpret_cast<char*>(nv.value), nv.valuelen);
      }
      if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
    }
    nghttp2_hd_inflate_end_headers(inflater_);
  }

  nghttp2_hd_inflater* inflater_ = nullptr;
  std::string pending_;
};

class CountingCarrier final : public Carrier {
 public:
  void wake() override { ++wakes; }
  int wakes = 0;
};

}  // namespace otlpipe::worker::transport
