#include "proto/gen/crd_schema.h"

#include <charconv>
#include <string>

#include <google/protobuf/descriptor.h>
#include <nlohmann/json.hpp>

#include "proto/gen/crd_rules.h"
#include "proto/gen/limits.h"
#include "proto/schema/descriptors.h"
#include "proto/schema/formats.h"

namespace otlpipe::gen {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using json = nlohmann::ordered_json;
using schema::JsonKind;
using schema::rules_of;

json number(const std::string& text) {
  return json::parse(text);
}

void add_rules(json& schema, json rules) {
  if (rules.empty()) return;
  json& all = schema["x-kubernetes-validations"];
  for (json& rule : rules) all.push_back(std::move(rule));
}

std::string description(const FieldDescriptor& field, const Comments& comments) {
  std::string text = comments.of(field.full_name());
  if (!rules_of(field).not_supported().empty())
    text += " Not supported yet: " + rules_of(field).not_supported() + ".";
  if (schema::json_kind(field) == JsonKind::kEnum) {
    for (int i = 0; i < field.enum_type()->value_count(); ++i) {
      const auto& value = *field.enum_type()->value(i);
      if (value.number() == 0) continue;
      text += " " + schema::word_of(value) + ": " + comments.of(value.full_name());
      if (!rules_of(value).not_supported().empty()) text += " Not supported yet.";
    }
  }
  text += limits(field);
  const bool scalar = !field.is_repeated() && schema::json_kind(field) != JsonKind::kMessage;
  if (scalar && !rules_of(field).default_().empty()) text += " Default: " + rules_of(field).default_() + ".";
  return text;
}

// `number` and `integer`.
json numeric(const FieldDescriptor& field, const std::string& type) {
  const auto& rules = rules_of(field);
  json out = {{"type", type}};
  if (type == "integer")
    out["format"] = field.cpp_type() == FieldDescriptor::CPPTYPE_INT64 ? "int64" : "int32";
  if (!rules.minimum().empty()) out["minimum"] = number(rules.minimum());
  if (!rules.maximum().empty()) out["maximum"] = number(rules.maximum());
  return out;
}

json int_or_string(const schema::FormatRule& format) {
  json out = {{"x-kubernetes-int-or-string", true}};
  out["anyOf"] = json::array({{{"type", "integer"}}, {{"type", "string"}}});
  out["pattern"] = schema::anchored(format.pattern, false);
  out["maxLength"] = format.max_length;
  return out;
}

json text(const FieldDescriptor& field) {
  const auto& rules = rules_of(field);
  const schema::FormatRule& format = schema::format_rule(rules.format());
  if (rules.int_or_string()) return int_or_string(format);
  json out = {{"type", "string"}};
  if (rules.format() == schema::v1::FORMAT_DATE_TIME) {
    out["format"] = "date-time";
    return out;
  }
  const bool references = schema::may_refer_to_environment(field);
  if (rules.has_min_length()) out["minLength"] = rules.min_length();
  const int longest = rules.has_max_length() ? rules.max_length() : format.max_length;
  if (longest > 0) out["maxLength"] = longest;
  const std::string pattern = rules.pattern().empty() ? std::string(format.pattern) : rules.pattern();
  if (!pattern.empty()) out["pattern"] = schema::anchored(pattern, references);
  return out;
}

json words(const FieldDescriptor& field) {
  json out = {{"type", "string"}};
  for (const std::string& word : schema::words_of(*field.enum_type(), true)) out["enum"].push_back(word);
  return out;
}

json single(const FieldDescriptor& field, const Comments& comments) {
  json out;
  switch (schema::json_kind(field)) {
    case JsonKind::kBool:
      out = {{"type", "boolean"}};
      break;
    case JsonKind::kInteger:
      out = numeric(field, "integer");
      break;
    case JsonKind::kNumber:
      out = numeric(field, "number");
      break;
    case JsonKind::kText:
      out = text(field);
      break;
    case JsonKind::kEnum:
      out = words(field);
      break;
    case JsonKind::kQuantity:
      out = int_or_string(schema::format_rule(schema::v1::FORMAT_QUANTITY));
      break;
    case JsonKind::kDuration:
      out = {{"type", "string"}, {"format", "duration"}, {"maxLength", schema::duration_rule().max_length}};
      out["pattern"] = schema::anchored(schema::duration_rule().pattern, false);
      break;
    case JsonKind::kStruct:
      out = {{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}};
      break;
    case JsonKind::kMessage:
      out = crd_schema(*field.message_type(), comments);
      break;
  }
  add_rules(out, rules_of_value(field));
  return out;
}

json list(const FieldDescriptor& field, const Comments& comments) {
  const auto& rules = rules_of(field);
  json out = {{"type", "array"}};
  if (rules.has_min_items()) out["minItems"] = rules.min_items();
  if (rules.has_max_items()) out["maxItems"] = rules.max_items();
  if (!rules.list_map_key().empty()) {
    out["x-kubernetes-list-type"] = "map";
    out["x-kubernetes-list-map-keys"] = json::array({rules.list_map_key()});
  } else {
    out["x-kubernetes-list-type"] = rules.unique() ? "set" : "atomic";
  }
  out["items"] = single(field, comments);
  return out;
}

json map(const FieldDescriptor& field, const Comments& comments) {
  json out = {{"type", "object"}};
  if (rules_of(field).has_max_items()) out["maxProperties"] = rules_of(field).max_items();
  out["additionalProperties"] = single(field, comments);
  return out;
}

// The default of a field, with the defaults of the fields inside: the API server checks rules over it as it
// stands there.
json full_default(const FieldDescriptor& field) {
  json value = json::parse(schema::default_json(field));
  if (field.is_repeated() || schema::json_kind(field) != JsonKind::kMessage) return value;
  for (int i = 0; i < field.message_type()->field_count(); ++i) {
    const FieldDescriptor& inner = *field.message_type()->field(i);
    if (rules_of(inner).has_default_() && !value.contains(inner.json_name()))
      value[inner.json_name()] = full_default(inner);
  }
  return value;
}

// The description first: it is what people read.
json property(const FieldDescriptor& field, const Comments& comments) {
  json out = {{"description", description(field, comments)}};
  json body = field.is_map()        ? map(field, comments)
              : field.is_repeated() ? list(field, comments)
                                    : single(field, comments);
  body.erase("description");
  if (rules_of(field).has_default_()) out["default"] = full_default(field);
  out.update(body);
  return out;
}

}  // namespace

json crd_schema(const Descriptor& message, const Comments& comments) {
  json out = {{"description", comments.of(message.full_name())}, {"type", "object"}};
  json required = json::array();
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    out["properties"][field.json_name()] = property(field, comments);
    if (rules_of(field).required()) required.push_back(field.json_name());
  }
  if (!required.empty()) out["required"] = std::move(required);
  add_rules(out, rules_of_object(message));
  return out;
}

}  // namespace otlpipe::gen
