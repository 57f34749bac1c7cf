// The single values of Decoder: text, numbers, quantities, durations, words and references.
#include <charconv>
#include <cmath>

#include "common/doc/path.h"
#include "common/time/duration.h"
#include "proto/schema/decoder.h"
#include "proto/schema/environment.h"
#include "proto/schema/formats.h"
#include "proto/schema/nearest.h"
#include "proto/schema/quantity.h"

namespace otlpipe::schema {
namespace {

using nlohmann::json;

std::string shown(const json& value) {
  if (value.is_string()) return "'" + value.get<std::string>().substr(0, 80) + "'";
  return value.dump().substr(0, 80);
}

// Why a value is outside of its bounds, or "". The bounds are texts that `parse` turns into the value's type.
template <typename T, typename Parse>
std::string outside(const v1::FieldRules& rules, const T& value, const std::string& shown_value,
                    Parse parse) {
  if (!rules.minimum().empty() && value < parse(rules.minimum())) {
    return shown_value + " is below the minimum " + rules.minimum();
  }
  if (!rules.maximum().empty() && value > parse(rules.maximum())) {
    return shown_value + " is above the maximum " + rules.maximum();
  }
  return {};
}

template <typename T>
T number_of(const std::string& text) {
  T value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::size_t characters(std::string_view text) {
  std::size_t n = 0;
  for (const char c : text) n += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  return n;
}

}  // namespace

bool Decoder::text(const json& in, const Field& field, const std::string& path, std::string& out) {
  const v1::FieldRules& rules = rules_of(field);
  if (rules.int_or_string() && in.is_number_integer()) {
    out = in.dump();
  } else if (in.is_string()) {
    out = in.get<std::string>();
  } else {
    broken(path, std::string("must be text") + (rules.int_or_string() ? " or a whole number" : "") +
                     ", not " + std::string(name_of_type(in)) +
                     (in.is_primitive() && !in.is_null() ? " (put it in quotes)" : ""));
    return false;
  }
  text_allowed(out, field, path);
  return true;
}

void Decoder::text_allowed(const std::string& value, const Field& field, const std::string& path) {
  const v1::FieldRules& rules = rules_of(field);
  if (rules.has_max_length() && characters(value) > static_cast<std::size_t>(rules.max_length())) {
    return error(path, "is longer than " + std::to_string(rules.max_length()) + " characters");
  }
  if (may_refer_to_environment(field) && has_environment_reference(value)) {
    const auto malformed = environment_syntax_error(value);
    if (malformed) error(path, *malformed);
    return;
  }
  if (rules.has_min_length() && characters(value) < static_cast<std::size_t>(rules.min_length())) {
    return error(path, rules.min_length() == 1
                           ? "must not be empty"
                           : "is shorter than " + std::to_string(rules.min_length()) + " characters");
  }
  const bool unset =
      value.empty() && !rules.required() && !field.is_map() && !field.is_repeated() && !field.has_presence();
  if (rules.format() != v1::FORMAT_UNSPECIFIED && !unset) {
    if (const auto wrong = format_error(rules.format(), value)) {
      return error(path, *wrong);
    }
  }
  if (!rules.pattern().empty() && !matches_whole(value, rules.pattern())) {
    return error(path, shown(value) + " is not allowed, must be " + rules.pattern_hint());
  }
  if (!rules.reference().empty()) reference(value, field, path);
}

bool Decoder::integer(const json& in, const Field& field, const std::string& path, std::int64_t& out) {
  if (!in.is_number_integer() || (in.is_number_unsigned() && in.get<std::uint64_t>() > INT64_MAX)) {
    broken(path,
           "must be a whole number, not " + (in.is_primitive() ? shown(in) : std::string(name_of_type(in))));
    return false;
  }
  out = in.get<std::int64_t>();
  const std::string wrong = outside(rules_of(field), out, std::to_string(out), number_of<std::int64_t>);
  if (field.cpp_type() == Field::CPPTYPE_INT32 && (out < INT32_MIN || out > INT32_MAX)) {
    broken(path, wrong.empty() ? std::to_string(out) + " is out of range" : wrong);
    return false;
  }
  if (!wrong.empty()) error(path, wrong);
  return true;
}

bool Decoder::number(const json& in, const Field& field, const std::string& path, double& out) {
  if (!in.is_number()) {
    broken(path, "must be a number, not " + (in.is_primitive() ? shown(in) : std::string(name_of_type(in))));
    return false;
  }
  out = in.get<double>();
  const std::string wrong = outside(rules_of(field), out, in.dump(), number_of<double>);
  if (!wrong.empty()) error(path, wrong);
  return true;
}

bool Decoder::quantity(const json& in, const Field& field, const std::string& path, std::int64_t& out) {
  std::string text = in.is_string() ? in.get<std::string>() : in.is_number_integer() ? in.dump() : "";
  if (!in.is_string() && !in.is_number_integer()) {
    broken(path, "must be " + std::string(format_rule(v1::FORMAT_QUANTITY).hint) + ", not " +
                     std::string(name_of_type(in)));
    return false;
  }
  if (const auto wrong = format_error(v1::FORMAT_QUANTITY, text)) {
    broken(path, *wrong);
    return false;
  }
  const auto value = Quantity::parse(text);
  if (!value) {
    broken(path, value.error().message);
    return false;
  }
  out = value->ceil();
  const std::string wrong = outside(rules_of(field), *value, text, [](const std::string& bound) {
    return Quantity::parse(bound).value_or(Quantity());
  });
  if (!wrong.empty()) error(path, wrong);
  return true;
}

bool Decoder::duration(const json& in, const Field& field, const std::string& path, std::int64_t& nanos) {
  const auto value =
      in.is_string() && matches_whole(in.get_ref<const std::string&>(), duration_rule().pattern)
          ? parse_duration(in.get_ref<const std::string&>())
          : Result<Duration>(fail(Code::kInvalidArgument, ""));
  if (!value) {
    broken(path, (in.is_primitive() ? shown(in) : std::string(name_of_type(in))) +
                     " is not allowed, must be " + std::string(duration_rule().hint));
    return false;
  }
  nanos = value->count();
  const std::string wrong =
      outside(rules_of(field), *value, in.get<std::string>(),
              [](const std::string& bound) { return parse_duration(bound).value_or(Duration()); });
  if (!wrong.empty()) error(path, wrong);
  return true;
}

bool Decoder::enumeration(const json& in, const Field& field, const std::string& path, int& out) {
  const auto& type = *field.enum_type();
  const std::vector<std::string> allowed = words_of(type, false);
  const auto* value = in.is_string() ? value_of_word(type, in.get_ref<const std::string&>()) : nullptr;
  if (value == nullptr) {
    const std::string what = in.is_primitive() ? shown(in) : std::string(name_of_type(in));
    broken(path, what + " is not allowed, allowed: " + join(allowed) +
                     (in.is_boolean() || in.is_number() ? " (put it in quotes)" : ""));
    return false;
  }
  if (!rules_of(*value).not_supported().empty()) {
    error(path, word_of(*value) + " is not supported yet: " + rules_of(*value).not_supported());
    return false;
  }
  out = value->number();
  return true;
}

void Decoder::reference(const std::string& name, const Field& field, const std::string& path) {
  const std::string& list_name = rules_of(field).reference();
  for (auto frame = frames_.rbegin(); frame != frames_.rend(); ++frame) {
    const Field* list = field_by_json_name(*frame->type, list_name);
    if (list == nullptr || rules_of(*list).list_map_key().empty()) continue;
    std::vector<std::string> names;
    const auto items = frame->value->find(list_name);
    if (items != frame->value->end() && items->is_array()) {
      for (const json& item : *items) {
        if (!item.is_object() || !item.contains(rules_of(*list).list_map_key())) continue;
        const json& key = item[rules_of(*list).list_map_key()];
        if (key == name) return;
        if (key.is_string()) names.push_back(key.get<std::string>());
      }
    }
    const std::string near = nearest(name, names);
    error(path, "'" + name + "' is not the name of an item of " + doc::path_of_key(frame->path, list_name) +
                    (names.empty()  ? ", which is empty"
                     : near.empty() ? ", there are: " + join(names)
                                    : ", did you mean " + near + "?"));
    return;
  }
}

}  // namespace otlpipe::schema
