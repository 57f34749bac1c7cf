#include "tests/bench/wire/frames.h"

namespace otlpipe::bench {
namespace {

// An HPACK string without Huffman coding: a length with a 7-bit prefix, and the text.
void append_hpack_text(std::string& out, std::string_view text) {
  constexpr std::size_t kPrefixMax = 127;
  if (text.size() < kPrefixMax) {
    out.push_back(static_cast<char>(text.size()));
  } else {
    out.push_back(static_cast<char>(kPrefixMax));
    std::size_t rest = text.size() - kPrefixMax;
    for (; rest >= 128; rest /= 128) out.push_back(static_cast<char>(rest % 128 + 128));
    out.push_back(static_cast<char>(rest));
  }
  out += text;
}

std::string number_text(std::uint32_t value) {
  std::string out(4, '\0');
  put_number(reinterpret_cast<std::uint8_t*>(out.data()), value);
  return out;
}

}  // namespace

std::string make_frame(FrameType type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
  std::string out(kFrameHeadBytes, '\0');
  put_head(reinterpret_cast<std::uint8_t*>(out.data()), {payload.size(), type, flags, stream});
  return out.append(payload);
}

std::string make_settings(const std::vector<std::pair<Setting, std::uint32_t>>& values) {
  std::string payload;
  for (const auto& [setting, value] : values) {
    const auto id = static_cast<std::uint16_t>(setting);
    payload.push_back(static_cast<char>(id >> 8));
    payload.push_back(static_cast<char>(id));
    payload += number_text(value);
  }
  return make_frame(FrameType::kSettings, 0, 0, payload);
}

std::string make_window_update(std::uint32_t stream, std::uint32_t more) {
  return make_frame(FrameType::kWindowUpdate, 0, stream, number_text(more));
}

std::string make_header_block(const std::vector<std::pair<std::string, std::string>>& headers) {
  constexpr char kNeverIndexedNewName = 0x10;
  std::string out;
  for (const auto& [name, value] : headers) {
    out.push_back(kNeverIndexedNewName);
    append_hpack_text(out, name);
    append_hpack_text(out, value);
  }
  return out;
}

std::string make_grpc_message(std::string_view message, bool compressed) {
  std::string out(1, compressed ? '\1' : '\0');
  out += number_text(static_cast<std::uint32_t>(message.size()));
  return out.append(message);
}

}  // namespace otlpipe::bench
