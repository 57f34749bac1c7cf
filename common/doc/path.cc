#include "common/doc/path.h"

#include <algorithm>
#include <charconv>

namespace otlpipe::doc {
namespace {

bool plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

// Reads ["…"] or [12] at the start of `rest` and removes it.
bool take_bracket(std::string_view& rest, std::vector<Step>& steps) {
  if (rest.starts_with("[\"")) {
    const std::size_t end = rest.find("\"]", 2);
    if (end == std::string_view::npos) return false;
    steps.emplace_back(std::string(rest.substr(2, end - 2)));
    rest.remove_prefix(end + 2);
    return true;
  }
  std::size_t index = 0;
  const auto [next, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), index);
  if (error != std::errc() || next == rest.data() + rest.size() || *next != ']') return false;
  steps.emplace_back(index);
  rest.remove_prefix(static_cast<std::size_t>(next - rest.data()) + 1);
  return true;
}

}  // namespace

std::string path_of_key(std::string_view parent, std::string_view key) {
  std::string path(parent);
  if (key.empty() || !std::all_of(key.begin(), key.end(), plain)) {
    return path.append("[\"").append(key).append("\"]");
  }
  if (!path.empty()) path += '.';
  return path.append(key);
}

std::string path_of_index(std::string_view parent, std::size_t index) {
  return std::string(parent) + "[" + std::to_string(index) + "]";
}

std::vector<Step> split_path(std::string_view path) {
  std::vector<Step> steps;
  while (!path.empty()) {
    if (path.front() == '[') {
      if (!take_bracket(path, steps)) break;
      continue;
    }
    if (path.front() == '.') path.remove_prefix(1);
    const auto end = std::find_if_not(path.begin(), path.end(), plain);
    const auto length = static_cast<std::size_t>(end - path.begin());
    if (length == 0) break;
    steps.emplace_back(std::string(path.substr(0, length)));
    path.remove_prefix(length);
  }
  return steps;
}

std::string printable(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7F) {
      out += c;
    } else if (c == '\n' || c == '\r' || c == '\t') {
      out.append(1, '\\').append(1, c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
    } else {
      out.append("\\x").append(1, kHex[byte >> 4]).append(1, kHex[byte & 0xF]);
    }
  }
  return out;
}

}  // namespace otlpipe::doc
