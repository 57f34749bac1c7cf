#include "proto/gen/limits.h"

#include "proto/schema/descriptors.h"
#include "proto/schema/formats.h"

namespace otlpipe::gen {

using google::protobuf::FieldDescriptor;
using schema::JsonKind;
using schema::rules_of;

std::string limits(const FieldDescriptor& field) {
  const auto& rules = rules_of(field);
  std::string out;
  if (!rules.minimum().empty() && !rules.maximum().empty()) {
    out += " From " + rules.minimum() + " to " + rules.maximum() + ".";
  } else if (!rules.minimum().empty()) {
    out += " At least " + rules.minimum() + ".";
  }
  if (rules.has_min_items() && rules.min_items() > 0)
    out += " At least " + std::to_string(rules.min_items()) + ".";
  if (rules.has_max_items()) out += " At most " + std::to_string(rules.max_items()) + ".";
  if (!rules.list_map_key().empty()) out += " No two share a `" + rules.list_map_key() + "`.";
  const auto hint = schema::format_rule(rules.format()).hint;
  if (!hint.empty() && schema::json_kind(field) == JsonKind::kText)
    out += " Must be " + std::string(hint) + ".";
  if (!rules.pattern_hint().empty()) out += " Must be " + rules.pattern_hint() + ".";
  if (!rules.key_pattern_hint().empty()) out += " Names are made of " + rules.key_pattern_hint() + ".";
  return out;
}

}  // namespace otlpipe::gen
