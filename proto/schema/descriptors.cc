#include "proto/schema/descriptors.h"

#include <nlohmann/json.hpp>

namespace otlpipe::schema {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;

const v1::FieldRules& rules_of(const FieldDescriptor& field) {
  return field.options().GetExtension(v1::field);
}
const v1::MessageRules& rules_of(const Descriptor& message) {
  return message.options().GetExtension(v1::message);
}
const v1::EnumValueRules& rules_of(const EnumValueDescriptor& value) {
  return value.options().GetExtension(v1::value);
}

const FieldDescriptor& value_field(const FieldDescriptor& field) {
  return field.is_map() ? *field.message_type()->map_value() : field;
}

JsonKind json_kind(const FieldDescriptor& field) {
  const FieldDescriptor& value = value_field(field);
  switch (value.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return JsonKind::kBool;
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return JsonKind::kNumber;
    case FieldDescriptor::CPPTYPE_STRING:
      return JsonKind::kText;
    case FieldDescriptor::CPPTYPE_ENUM:
      return JsonKind::kEnum;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
    default:
      return rules_of(field).format() == v1::FORMAT_QUANTITY ? JsonKind::kQuantity : JsonKind::kInteger;
  }
  if (value.message_type()->full_name() == "google.protobuf.Duration") return JsonKind::kDuration;
  if (value.message_type()->full_name() == "google.protobuf.Struct") return JsonKind::kStruct;
  return JsonKind::kMessage;
}

bool may_refer_to_environment(const FieldDescriptor& field) {
  const v1::FieldRules& rules = rules_of(field);
  if (json_kind(field) != JsonKind::kText || rules.literal() || rules.int_or_string() ||
      !rules.reference().empty()) {
    return false;
  }
  switch (rules.format()) {
    case v1::FORMAT_UNSPECIFIED:
    case v1::FORMAT_ENDPOINT:
    case v1::FORMAT_URL:
    case v1::FORMAT_ABSOLUTE_PATH:
      return true;
    default:
      return false;
  }
}

std::string word_of(const EnumValueDescriptor& value) {
  if (!rules_of(value).word().empty()) return rules_of(value).word();
  // OVERFLOW_DROP_OLDEST of Overflow: without as many words as the type's name has.
  std::string_view rest = value.name();
  const std::string& type = value.type()->name();
  for (std::size_t i = 0; i < type.size(); ++i) {
    if (type[i] >= 'A' && type[i] <= 'Z') rest.remove_prefix(rest.find('_') + 1);
  }
  std::string word;
  bool upper = true;
  for (const char c : rest) {
    if (c != '_') word += upper || c < 'A' || c > 'Z' ? c : static_cast<char>(c - 'A' + 'a');
    upper = c == '_';
  }
  return word;
}

const EnumValueDescriptor* value_of_word(const EnumDescriptor& type, std::string_view word) {
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() != 0 && word_of(*type.value(i)) == word) return type.value(i);
  }
  return nullptr;
}

std::vector<std::string> words_of(const EnumDescriptor& type, bool all) {
  std::vector<std::string> words;
  for (int i = 0; i < type.value_count(); ++i) {
    const EnumValueDescriptor& value = *type.value(i);
    if (value.number() != 0 && (all || rules_of(value).not_supported().empty()))
      words.push_back(word_of(value));
  }
  return words;
}

std::string default_json(const FieldDescriptor& field) {
  const std::string& text = rules_of(field).default_();
  if (field.is_repeated()) return text;
  switch (json_kind(field)) {
    case JsonKind::kText:
    case JsonKind::kEnum:
    case JsonKind::kDuration:
    case JsonKind::kQuantity:
      return nlohmann::json(text).dump();
    default:
      return text;
  }
}

const FieldDescriptor* field_by_json_name(const Descriptor& message, std::string_view name) {
  for (int i = 0; i < message.field_count(); ++i) {
    if (message.field(i)->json_name() == name) return message.field(i);
  }
  return nullptr;
}

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out.append(out.empty() ? "" : ", ").append(word);
  return out;
}

}  // namespace otlpipe::schema
