#include "operator/kube/base64.h"

#include <cstdint>

namespace otlpipe::kube {
namespace {

int value_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

}  // namespace

Result<std::string> decode_base64(std::string_view text) {
  const auto bad = [] { return fail(Code::kInvalidArgument, "not base64"); };
  std::string out;
  out.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  std::size_t digits = 0;
  std::size_t padding = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r' || c == ' ' || c == '\t') continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const int value = value_of(c);
    if (value < 0 || padding > 0) return bad();
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    if (++digits % 4 == 0) {
      out += static_cast<char>(bits >> 16U & 0xffU);
      out += static_cast<char>(bits >> 8U & 0xffU);
      out += static_cast<char>(bits & 0xffU);
      bits = 0;
    }
  }
  const std::size_t rest = digits % 4;
  if (rest == 1 || (digits + padding) % 4 != 0 || padding > 2) return bad();
  if (rest >= 2) out += static_cast<char>(bits >> (rest == 2 ? 4U : 10U) & 0xffU);
  if (rest == 3) out += static_cast<char>(bits >> 2U & 0xffU);
  return out;
}

}  // namespace otlpipe::kube
