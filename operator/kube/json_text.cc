#include "operator/kube/json_text.h"

#include <nlohmann/json.hpp>

namespace otlpipe::kube {
namespace {

constexpr int kMaxDepth = 200;

int nesting_of(std::string_view text) {
  int depth = 0;
  int deepest = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return deepest;
}

}  // namespace

Result<nlohmann::json> parse_wire_json(std::string_view text, std::string_view where) {
  if (nesting_of(text) > kMaxDepth) {
    return fail(Code::kDataLoss, "the JSON is nested too deeply", std::string(where), Retry::backoff());
  }
  auto value = nlohmann::json::parse(text, nullptr, false);
  if (value.is_discarded()) {
    return fail(Code::kDataLoss, "the answer is not JSON: " + one_line(text, 100), std::string(where),
                Retry::backoff());
  }
  return value;
}

std::string one_line(std::string_view text, std::size_t limit) {
  std::string line(text.substr(0, limit));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  if (text.size() > limit) line += "...";
  return line;
}

}  // namespace otlpipe::kube
