#include "tests/bench/wire/http_answer.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace otlpipe::bench {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

template <typename Number>
bool read_whole_number(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::optional<HttpAnswer> read_http_answer(std::string_view bytes) {
  constexpr std::size_t kMaxHead = 16 * 1024;
  const std::size_t head_end = bytes.find("\r\n\r\n");
  if (head_end == std::string_view::npos) {
    if (bytes.size() > kMaxHead) return HttpAnswer{};
    return std::nullopt;
  }
  HttpAnswer out;
  std::string_view head = bytes.substr(0, head_end + kLineEnd.size());
  if (!head.starts_with("HTTP/1.1 ") || !read_whole_number(head.substr(9, 3), out.status))
    return HttpAnswer{};
  std::optional<std::size_t> length;
  while (!head.empty()) {
    const std::size_t end = head.find(kLineEnd);
    std::string line(head.substr(0, end));
    head.remove_prefix(end + kLineEnd.size());
    std::transform(line.begin(), line.end(), line.begin(),
                   [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
    constexpr std::string_view kLength = "content-length: ";
    std::size_t value = 0;
    if (line.starts_with(kLength) &&
        read_whole_number(std::string_view(line).substr(kLength.size()), value)) {
      length = value;
    }
    if (line == "connection: close") out.close = true;
  }
  if (!length) return HttpAnswer{};
  const std::size_t whole = head_end + 4 + *length;
  if (bytes.size() < whole) return std::nullopt;
  out.body_bytes = *length;
  out.bytes = whole;
  return out;
}

}  // namespace otlpipe::bench
