#include "common/doc/scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

namespace otlpipe::doc {
namespace {

using nlohmann::json;

constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";

bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// The word in the three spellings that YAML 1.1 knows: yes, Yes, YES.
bool spelled(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  std::string upper(lower);
  for (char& c : upper) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return text == lower || text == upper ||
         (text.front() == upper.front() && text.substr(1) == lower.substr(1));
}

std::optional<json> word(std::string_view text) {
  if (text.empty() || text == "~" || spelled(text, "null")) return json(nullptr);
  for (const std::string_view yes : {"y", "yes", "true", "on"}) {
    if (spelled(text, yes)) return json(true);
  }
  for (const std::string_view no : {"n", "no", "false", "off"}) {
    if (spelled(text, no)) return json(false);
  }
  return std::nullopt;
}

// An integer with Go's prefixes: 0x, 0o, 0b, and a leading zero for octal.
std::optional<json> integer(std::string_view text) {
  bool negative = false;
  if (text.starts_with('-') || text.starts_with('+')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  int base = 10;
  if (text.size() > 1 && text.front() == '0') {
    const char mark = text[1];
    base = mark == 'x' || mark == 'X' ? 16 : mark == 'b' || mark == 'B' ? 2 : 8;
    text.remove_prefix(base == 8 && mark != 'o' && mark != 'O' ? 1 : 2);
  }
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [next, error] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || error != std::errc() || next != end) return std::nullopt;
  if (!negative) return value <= INT64_MAX ? json(static_cast<std::int64_t>(value)) : json(value);
  if (value > static_cast<std::uint64_t>(INT64_MAX) + 1) return std::nullopt;
  return json(static_cast<std::int64_t>(0 - value));
}

std::optional<json> decimal(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || digits.find_first_not_of("0123456789.eE+-") != std::string_view::npos)
    return std::nullopt;
  if (digits.front() != '.' && (digits.front() < '0' || digits.front() > '9')) return std::nullopt;
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [next, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || next != end || !std::isfinite(value)) return std::nullopt;
  return json(value);
}

std::optional<json> number(std::string_view text) {
  if (text.empty() || text.find_first_of("0123456789") == std::string_view::npos) return std::nullopt;
  if (text.front() != '.' && text.front() != '-' && text.front() != '+' &&
      (text.front() < '0' || text.front() > '9')) {
    return std::nullopt;
  }
  std::string plain(text);
  if (text.front() != '.') std::erase(plain, '_');
  if (auto value = integer(plain)) return value;
  return decimal(plain);
}

bool infinite(std::string_view text) {
  const bool sign = text.starts_with('-') || text.starts_with('+');
  return one_of(sign ? text.substr(1) : text, {".inf", ".Inf", ".INF"}) ||
         one_of(text, {".nan", ".NaN", ".NAN"});
}

}  // namespace

Result<json> resolve_scalar(const std::string& tag, const std::string& text) {
  if (tag == "!" || tag == std::string(kTagPrefix) + "str") return json(text);
  const bool plain = tag.empty();
  if (!plain && !tag.starts_with(kTagPrefix))
    return fail(Code::kInvalidArgument, "the tag " + tag + " is not known");
  const std::string_view kind = plain ? std::string_view() : std::string_view(tag).substr(kTagPrefix.size());
  if ((plain || kind == "float") && infinite(text)) {
    return fail(Code::kInvalidArgument, text + " is not a number that JSON knows");
  }
  if (plain || one_of(kind, {"bool", "null"})) {
    const auto value = word(text);
    if (value && (plain || value->is_boolean() == (kind == "bool"))) return *value;
  }
  if (plain || one_of(kind, {"int", "float"})) {
    const auto value = number(text);
    if (value && kind == "float") return json(value->get<double>());
    if (value && (plain || value->is_number_integer())) return *value;
  }
  if (plain) return json(text);
  if (one_of(kind, {"bool", "null", "int", "float"})) {
    return fail(Code::kInvalidArgument, "'" + text + "' is no value for the tag !!" + std::string(kind));
  }
  return fail(Code::kInvalidArgument, "the tag !!" + std::string(kind) + " is not known");
}

}  // namespace otlpipe::doc
