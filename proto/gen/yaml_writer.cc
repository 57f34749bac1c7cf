#include "proto/gen/yaml_writer.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

namespace otlpipe::gen {
namespace {

using json = nlohmann::ordered_json;

bool letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Plain are words that no YAML version reads as something else than text.
bool plain(const std::string& text) {
  static constexpr std::array<std::string_view, 10> kWords = {"y",   "n",    "yes",   "no",   "on",
                                                              "off", "true", "false", "null", "~"};
  if (text.empty() || !letter(text.front())) return false;
  std::string lower = text;
  for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  if (std::find(kWords.begin(), kWords.end(), lower) != kWords.end()) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || c == '/';
  });
}

std::string scalar(const json& value) {
  if (value.is_string() && plain(value.get_ref<const std::string&>())) return value.get<std::string>();
  return value.dump();  // JSON's quoting is YAML's
}

bool inline_value(const json& value) {
  return value.is_primitive() || value.empty();
}

void write(const json& value, std::size_t indent, std::string& out) {
  const std::string pad(indent, ' ');
  if (value.is_object()) {
    for (const auto& [key, item] : value.items()) {
      out += pad + scalar(key) + ":";
      if (inline_value(item)) {
        out += " " + scalar(item) + "\n";
      } else {
        out += "\n";
        write(item, indent + (item.is_array() ? 0 : 2), out);
      }
    }
    return;
  }
  for (const json& item : value) {
    if (inline_value(item)) {
      out += pad + "- " + scalar(item) + "\n";
      continue;
    }
    const std::size_t begin = out.size();
    write(item, indent + 2, out);
    out[begin + indent] = '-';
  }
}

}  // namespace

std::string to_yaml(const json& value) {
  std::string out;
  write(value, 0, out);
  return out;
}

}  // namespace otlpipe::gen
