#include "proto/gen/crd_rules.h"

#include <string>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <nlohmann/json.hpp>

#include "common/time/duration.h"
#include "proto/schema/descriptors.h"

namespace otlpipe::gen {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::OneofDescriptor;
using json = nlohmann::ordered_json;
using schema::JsonKind;
using schema::rules_of;

json rule(const std::string& cel, const std::string& message, const std::string& field = "") {
  json out = {{"rule", cel}, {"message", message}};
  if (field.starts_with("metadata.")) {
    // The API server takes no fieldPath into what it defines itself.
    out["message"] = field + " " + message;
    return out;
  }
  if (!field.empty()) out["fieldPath"] = "." + field;
  return out;
}

json one_of(const OneofDescriptor& oneof) {
  std::string list;
  std::vector<std::string> names;
  for (int i = 0; i < oneof.field_count(); ++i) {
    names.push_back(oneof.field(i)->json_name());
    list += (i == 0 ? "has(self." : ", has(self.") + names.back() + ")";
  }
  if (names.size() == 1) return rule(list, names[0] + " is required");
  return rule("[" + list + "].exists_one(given, given)", "give exactly one of " + schema::join(names));
}

json not_supported(const FieldDescriptor& field) {
  const std::string& name = field.json_name();
  const std::string empty = field.is_repeated() ? " || size(self." + name + ") == 0" : "";
  return rule("!has(self." + name + ")" + empty, "is not supported yet: " + rules_of(field).not_supported(),
              name);
}

// `list` is a list of messages; `reference` is a list of names inside each, which point into the list
// `target`, both of `message`.
json dangling(const FieldDescriptor& list, const FieldDescriptor& reference, const FieldDescriptor& target) {
  const std::string& key = rules_of(target).list_map_key();
  const std::string known = "self." + target.json_name() + ".exists(target, target." + key + " == name)";
  const std::string lists = "self." + list.json_name();
  const std::string names = "item." + reference.json_name();
  const std::string holds = names + ".all(name, " + known + ")";
  json out = {{"rule", lists + ".all(item, " + holds + ")"}};
  out["message"] =
      "a name in " + reference.json_name() + " is not that of an item of spec." + target.json_name();
  // The first of them, by two filters: building lists of lists instead would exceed the API server's cost
  // budget.
  out["messageExpression"] = "\"'\" + " + lists + ".filter(item, !" + holds + ")[0]." +
                             reference.json_name() + ".filter(name, !" + known + ")[0] + \"' in " +
                             reference.json_name() + " is not the name of an item of spec." +
                             target.json_name() + "\"";
  out["fieldPath"] = "." + list.json_name();
  return out;
}

void dangling_of(const Descriptor& message, json& out) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& list = *message.field(i);
    if (!list.is_repeated() || list.is_map() || schema::json_kind(list) != JsonKind::kMessage) continue;
    for (int k = 0; k < list.message_type()->field_count(); ++k) {
      const FieldDescriptor& reference = *list.message_type()->field(k);
      const FieldDescriptor* target = schema::field_by_json_name(message, rules_of(reference).reference());
      if (target != nullptr) out.push_back(dangling(list, reference, *target));
    }
  }
}

// "must be between 1ms and 1h"
std::string range(const std::string& low, const std::string& high) {
  if (low.empty()) return "must be at most " + high;
  if (high.empty()) return "must be at least " + low;
  return "must be between " + low + " and " + high;
}

json bounds(const FieldDescriptor& field, const std::string& self, const std::string& type) {
  const std::string& low = rules_of(field).minimum();
  const std::string& high = rules_of(field).maximum();
  const bool quantity = type == "quantity";
  std::string cel;
  if (!low.empty()) {
    cel =
        quantity ? "!" + self + ".isLessThan(quantity('" + low + "'))" : self + " >= duration('" + low + "')";
  }
  if (!high.empty()) {
    if (!cel.empty()) cel += " && ";
    cel += quantity ? "!" + self + ".isGreaterThan(quantity('" + high + "'))"
                    : self + " <= duration('" + high + "')";
  }
  return rule(cel, range(low, high));
}

}  // namespace

json rules_of_object(const Descriptor& message) {
  json out = json::array();
  for (int i = 0; i < message.real_oneof_decl_count(); ++i) {
    if (message.oneof_decl(i)->options().GetExtension(schema::v1::oneof).required())
      out.push_back(one_of(*message.oneof_decl(i)));
  }
  for (int i = 0; i < message.field_count(); ++i) {
    if (!rules_of(*message.field(i)).not_supported().empty()) out.push_back(not_supported(*message.field(i)));
  }
  dangling_of(message, out);
  for (const auto& own : rules_of(message).rule())
    out.push_back(rule(own.cel(), own.message(), own.field_path()));
  return out;
}

json rules_of_value(const FieldDescriptor& field) {
  json out = json::array();
  const bool bounded = !rules_of(field).minimum().empty() || !rules_of(field).maximum().empty();
  const JsonKind kind = schema::json_kind(field);
  if (kind == JsonKind::kDuration && bounded) out.push_back(bounds(field, "self", "duration"));
  if (kind == JsonKind::kQuantity && bounded)
    out.push_back(bounds(field, "quantity(string(self))", "quantity"));
  if (kind == JsonKind::kEnum) {
    const auto& type = *field.enum_type();
    for (int i = 0; i < type.value_count(); ++i) {
      const std::string& why = rules_of(*type.value(i)).not_supported();
      const std::string word = schema::word_of(*type.value(i));
      if (!why.empty()) out.push_back(rule("self != '" + word + "'", word + " is not supported yet: " + why));
    }
  }
  return out;
}

}  // namespace otlpipe::gen
