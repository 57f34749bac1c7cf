#include "proto/schema/decode.h"

#include <algorithm>
#include <map>

#include <google/protobuf/struct.pb.h>

#include "common/doc/path.h"
#include "proto/schema/decoder.h"
#include "proto/schema/encode.h"
#include "proto/schema/formats.h"
#include "proto/schema/nearest.h"
#include "proto/schema/rules.h"
#include "proto/schema/struct_json.h"

namespace otlpipe::schema {

using google::protobuf::Descriptor;
using google::protobuf::Reflection;
using nlohmann::json;

namespace {

// What is not supported yet is refused only when it says something; the rule in the CRD is the same.
bool says_nothing(const json& value) {
  return value.is_array() && value.empty();
}

bool key_allowed(const v1::FieldRules& rules, const std::string& key) {
  return rules.key_pattern().empty() || matches_whole(key, rules.key_pattern());
}

}  // namespace

Error to_error(const FieldErrors& errors) {
  if (errors.empty()) return {Code::kUnknown, "no error"};
  Error error{Code::kInvalidArgument, errors.front().message, errors.front().path};
  if (errors.size() > 1) error.message += " (and " + std::to_string(errors.size() - 1) + " more)";
  return error;
}

FieldErrors decode(const json& in, google::protobuf::Message& out, std::string_view root_path) {
  out.Clear();
  Decoder decoder;
  decoder.message(in, out, std::string(root_path));
  return decoder.take();
}

FieldErrors validate(const google::protobuf::Message& message, std::string_view root_path) {
  const std::unique_ptr<google::protobuf::Message> copy(message.New());
  return decode(encode(message), *copy, root_path);
}

std::string_view name_of_type(const json& value) {
  switch (value.type()) {
    case json::value_t::null:
      return "nothing";
    case json::value_t::boolean:
      return "true or false";
    case json::value_t::string:
      return "text";
    case json::value_t::array:
      return "a list";
    case json::value_t::object:
      return "an object";
    case json::value_t::number_float:
      return "a fraction";
    default:
      return "a number";
  }
}

void Decoder::message(const json& in, Message& out, const std::string& path) {
  const Descriptor& type = *out.GetDescriptor();
  if (!in.is_object()) return broken(path, "must be an object, not " + std::string(name_of_type(in)));
  if (in.empty() && !rules_of(type).empty_means().empty()) {
    return message(json::parse(rules_of(type).empty_means()), out, path);
  }
  const int broken_before = broken_;
  frames_.push_back({&type, &in, path});
  unknown_fields(in, type, path);
  oneofs(in, type, path);
  for (int i = 0; i < type.field_count(); ++i) {
    const Field& field = *type.field(i);
    const v1::FieldRules& rules = rules_of(field);
    const std::string at = doc::path_of_key(path, field.json_name());
    const auto given = in.find(field.json_name());
    const bool absent = given == in.end() || given->is_null();  // Kubernetes drops nulls, too
    if (!absent && !rules.not_supported().empty()) {
      if (!says_nothing(*given)) error(at, "is not supported yet: " + rules.not_supported());
    } else if (!absent) {
      this->field(*given, field, out, at);
    } else if (rules.has_default_()) {
      this->field(json::parse(default_json(field)), field, out, at);
    } else if (rules.required()) {
      broken(at, "is required");
    }
  }
  frames_.pop_back();
  if (broken_ == broken_before) this->rules(out, path);
}

void Decoder::unknown_fields(const json& in, const Descriptor& type, const std::string& path) {
  std::vector<std::string> known;
  for (int i = 0; i < type.field_count(); ++i) known.push_back(type.field(i)->json_name());
  for (const auto& [key, value] : in.items()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const std::string near = nearest(key, known);
    error(doc::path_of_key(path, key),
          "is not a known field" +
              (near.empty() ? ", allowed: " + join(known) : ", did you mean " + near + "?"));
  }
}

void Decoder::oneofs(const json& in, const Descriptor& type, const std::string& path) {
  for (int i = 0; i < type.real_oneof_decl_count(); ++i) {
    const auto& oneof = *type.oneof_decl(i);
    std::vector<std::string> all;
    std::vector<std::string> given;
    for (int k = 0; k < oneof.field_count(); ++k) {
      all.push_back(oneof.field(k)->json_name());
      const auto found = in.find(all.back());
      if (found != in.end() && !found->is_null()) given.push_back(all.back());
    }
    if (given.size() > 1) broken(path, "give only one of " + join(given));
    if (given.empty() && oneof.options().GetExtension(v1::oneof).required()) {
      broken(path, all.size() == 1 ? all[0] + " is required" : "give one of " + join(all));
    }
  }
}

void Decoder::rules(const Message& message, const std::string& path) {
  for (FieldError& failed : check_rules(message, path)) errors_.push_back(std::move(failed));
}

void Decoder::field(const json& in, const Field& field, Message& out, const std::string& path) {
  if (field.is_map()) return map(in, field, out, path);
  if (field.is_repeated()) return list(in, field, out, path);
  const Reflection& access = *out.GetReflection();
  switch (json_kind(field)) {
    case JsonKind::kBool:
      if (!in.is_boolean())
        return broken(path, "must be true or false, not " + std::string(name_of_type(in)));
      return access.SetBool(&out, &field, in.get<bool>());
    case JsonKind::kText: {
      std::string value;
      if (text(in, field, path, value)) access.SetString(&out, &field, std::move(value));
      return;
    }
    case JsonKind::kNumber: {
      double value = 0;
      if (number(in, field, path, value)) access.SetDouble(&out, &field, value);
      return;
    }
    case JsonKind::kInteger:
    case JsonKind::kQuantity: {
      std::int64_t value = 0;
      const bool read = json_kind(field) == JsonKind::kInteger ? integer(in, field, path, value)
                                                               : quantity(in, field, path, value);
      if (!read) return;
      if (field.cpp_type() == Field::CPPTYPE_INT64) return access.SetInt64(&out, &field, value);
      return access.SetInt32(&out, &field, static_cast<std::int32_t>(value));
    }
    case JsonKind::kEnum: {
      int value = 0;
      if (enumeration(in, field, path, value)) access.SetEnumValue(&out, &field, value);
      return;
    }
    case JsonKind::kDuration:
    case JsonKind::kStruct:
    case JsonKind::kMessage:
      return message_item(in, field, *access.MutableMessage(&out, &field), path);
  }
}

void Decoder::message_item(const json& in, const Field& field, Message& out, const std::string& path) {
  switch (json_kind(field)) {
    case JsonKind::kDuration: {
      std::int64_t nanos = 0;
      if (!duration(in, field, path, nanos)) return;
      const auto& type = *out.GetDescriptor();
      out.GetReflection()->SetInt64(&out, type.FindFieldByName("seconds"), nanos / 1'000'000'000);
      out.GetReflection()->SetInt32(&out, type.FindFieldByName("nanos"),
                                    static_cast<std::int32_t>(nanos % 1'000'000'000));
      return;
    }
    case JsonKind::kStruct: {
      if (!in.is_object()) return broken(path, "must be an object, not " + std::string(name_of_type(in)));
      auto* target = google::protobuf::DynamicCastToGenerated<google::protobuf::Struct>(&out);
      if (target == nullptr || !to_struct(in, *target)) broken(path, "is nested too deeply");
      return;
    }
    default:
      return message(in, out, path);
  }
}

void Decoder::list(const json& in, const Field& field, Message& out, const std::string& path) {
  if (!in.is_array()) return broken(path, "must be a list, not " + std::string(name_of_type(in)));
  const v1::FieldRules& rules = rules_of(field);
  const auto size = static_cast<std::int64_t>(in.size());
  if (rules.has_min_items() && size < rules.min_items()) {
    error(path, "needs at least " + std::to_string(rules.min_items()) +
                    (rules.min_items() == 1 ? " item" : " items"));
  }
  if (rules.has_max_items() && size > rules.max_items()) {
    // Not read any further: what is too long may be much too long.
    return broken(
        path, "has " + std::to_string(size) + " items, " + std::to_string(rules.max_items()) + " at most");
  }
  for (std::size_t i = 0; i < in.size(); ++i) list_item(in[i], field, out, doc::path_of_index(path, i));
  unique_items(in, field, path);
}

void Decoder::list_item(const json& in, const Field& field, Message& out, const std::string& path) {
  const Reflection& access = *out.GetReflection();
  switch (json_kind(field)) {
    case JsonKind::kText: {
      std::string value;
      if (text(in, field, path, value)) access.AddString(&out, &field, std::move(value));
      return;
    }
    case JsonKind::kEnum: {
      int value = 0;
      if (enumeration(in, field, path, value)) access.AddEnumValue(&out, &field, value);
      return;
    }
    default:
      return message_item(in, field, *access.AddMessage(&out, &field), path);
  }
}

void Decoder::unique_items(const json& in, const Field& field, const std::string& path) {
  const std::string& key = rules_of(field).list_map_key();
  if (key.empty() && !rules_of(field).unique()) return;
  std::map<json, std::size_t> seen;
  for (std::size_t i = 0; i < in.size(); ++i) {
    json value = in[i];
    if (!key.empty()) {
      if (!in[i].is_object() || !in[i].contains(key)) continue;  // an error already
      value = in[i][key];
    }
    const auto [first, fresh] = seen.emplace(value, i);
    if (fresh) continue;
    const std::string at = doc::path_of_index(path, i);
    error(key.empty() ? at : doc::path_of_key(at, key),
          value.dump() + " is already used by " + doc::path_of_index(path, first->second));
  }
}

void Decoder::map(const json& in, const Field& field, Message& out, const std::string& path) {
  if (!in.is_object()) return broken(path, "must be an object, not " + std::string(name_of_type(in)));
  const v1::FieldRules& rules = rules_of(field);
  if (rules.has_max_items() && in.size() > static_cast<std::size_t>(rules.max_items())) {
    return broken(path, "has " + std::to_string(in.size()) + " entries, " +
                            std::to_string(rules.max_items()) + " at most");
  }
  const Field& value_field = *field.message_type()->map_value();
  for (const auto& [key, value] : in.items()) {
    const std::string at = doc::path_of_key(path, key);
    if (!key_allowed(rules, key)) error(at, "the name is not allowed, must be " + rules.key_pattern_hint());
    std::string content;
    if (!text(value, field, at, content)) continue;
    Message* entry = out.GetReflection()->AddMessage(&out, &field);
    const Reflection& access = *entry->GetReflection();
    access.SetString(entry, field.message_type()->map_key(), key);
    access.SetString(entry, &value_field, std::move(content));
  }
}

}  // namespace otlpipe::schema
