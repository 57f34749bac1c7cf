#include "proto/gen/reference_page.h"

#include <algorithm>
#include <vector>

#include <google/protobuf/descriptor.h>

#include "proto/gen/limits.h"
#include "proto/schema/descriptors.h"

namespace otlpipe::gen {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using schema::JsonKind;
using schema::rules_of;

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return text;
}

// In a table a bar would end the cell.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string type_of(const FieldDescriptor& field) {
  std::string name;
  switch (schema::json_kind(field)) {
    case JsonKind::kBool:
      name = "boolean";
      break;
    case JsonKind::kInteger:
      name = "integer";
      break;
    case JsonKind::kNumber:
      name = "number";
      break;
    case JsonKind::kText:
      name = rules_of(field).int_or_string() ? "text or integer" : "text";
      break;
    case JsonKind::kEnum:
      name = "word";
      break;
    case JsonKind::kDuration:
      name = "duration";
      break;
    case JsonKind::kQuantity:
      name = "quantity";
      break;
    case JsonKind::kStruct:
      name = "object";
      break;
    case JsonKind::kMessage:
      name = "[" + field.message_type()->name() + "](#" + lower(field.message_type()->name()) + ")";
      break;
  }
  if (field.is_map()) return "map of " + name;
  return field.is_repeated() ? "list of " + name : name;
}

std::string examples(const FieldDescriptor& field) {
  std::string out;
  for (const std::string& example : rules_of(field).example()) out += " Example: `" + example + "`.";
  return out;
}

std::string support_note(const FieldDescriptor& field) {
  const std::string& why = rules_of(field).not_supported();
  return why.empty() ? "" : " **Not supported yet**: " + why + ".";
}

std::string words(const FieldDescriptor& field, const Comments& comments) {
  std::string out;
  for (int i = 0; i < field.enum_type()->value_count(); ++i) {
    const auto& value = *field.enum_type()->value(i);
    if (value.number() == 0) continue;
    out += "<br>`" + schema::word_of(value) + "`: " + comments.of(value.full_name());
    if (!rules_of(value).not_supported().empty()) out += " **Not supported yet.**";
  }
  return out;
}

std::string row(const FieldDescriptor& field, const Comments& comments) {
  const auto& rules = rules_of(field);
  std::string fallback = rules.required() ? "required" : "";
  if (rules.has_default_()) fallback = rules.default_().empty() ? "empty" : "`" + rules.default_() + "`";
  std::string text = comments.of(field.full_name()) + limits(field) + support_note(field) + examples(field);
  if (schema::json_kind(field) == JsonKind::kEnum) text += words(field, comments);
  return "| `" + field.json_name() + "` | " + type_of(field) + " | " + cell(fallback) + " | " + cell(text) +
         " |\n";
}

void collect(const Descriptor& message, std::vector<const Descriptor*>& order) {
  if (std::find(order.begin(), order.end(), &message) != order.end()) return;
  order.push_back(&message);
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    if (!field.is_map() && schema::json_kind(field) == JsonKind::kMessage)
      collect(*field.message_type(), order);
  }
}

std::string section(const Descriptor& message, const Comments& comments) {
  std::string out = "\n## " + message.name() + "\n\n" + comments.of(message.full_name()) + "\n\n";
  out += "| field | type | default | meaning |\n|---|---|---|---|\n";
  for (int i = 0; i < message.field_count(); ++i) out += row(*message.field(i), comments);
  if (rules_of(message).rule().empty()) return out;
  out += "\nRules:\n\n";
  for (const auto& rule : rules_of(message).rule()) {
    out += "- " + (rule.field_path().empty() ? std::string() : "`" + rule.field_path() + "` ") +
           rule.message() + "\n";
  }
  return out;
}

}  // namespace

std::string reference_page(const Descriptor& root, const std::string& title, const std::string& intro,
                           const Comments& comments) {
  std::string out =
      "<!-- Made from proto/otlpipe/v1alpha1 by `make generate`; changes belong there. -->\n# " + title +
      "\n\n" + intro + "\n";
  std::vector<const Descriptor*> order;
  collect(root, order);
  for (const Descriptor* message : order) out += section(*message, comments);
  return out;
}

}  // namespace otlpipe::gen
