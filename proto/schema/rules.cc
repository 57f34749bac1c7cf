#include "proto/schema/rules.h"

#include <map>
#include <memory>
#include <mutex>

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/message.h>
#include <google/protobuf/struct.pb.h>
#include <nlohmann/json.hpp>

#include "proto/schema/cel/expression.h"
#include "proto/schema/descriptors.h"
#include "proto/schema/struct_json.h"

namespace otlpipe::schema {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using nlohmann::json;

cel::Value from_json(const json& in) {
  if (in.is_boolean()) return {in.get<bool>()};
  if (in.is_number_integer()) return {in.get<std::int64_t>()};
  if (in.is_number()) return {in.get<double>()};
  if (in.is_string()) return {in.get<std::string>()};
  if (in.is_array()) {
    cel::List list;
    for (const json& item : in) list.push_back(from_json(item));
    return cel::Value::list(std::move(list));
  }
  if (!in.is_object()) return {};
  cel::Map map;
  for (const auto& [key, value] : in.items()) map.emplace(key, from_json(value));
  return cel::Value::map(std::move(map));
}

cel::Value message_value(const Message& message) {
  if (const auto* span = google::protobuf::DynamicCastToGenerated<google::protobuf::Duration>(&message)) {
    return {std::chrono::nanoseconds(span->seconds() * 1'000'000'000 + span->nanos())};
  }
  if (const auto* object = google::protobuf::DynamicCastToGenerated<google::protobuf::Struct>(&message)) {
    return from_json(from_struct(*object));
  }
  return to_cel(message);
}

cel::Value single(const Message& message, const FieldDescriptor& field) {
  const Reflection& access = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return {access.GetBool(message, &field)};
    case FieldDescriptor::CPPTYPE_INT32:
      return {std::int64_t{access.GetInt32(message, &field)}};
    case FieldDescriptor::CPPTYPE_INT64:
      return {access.GetInt64(message, &field)};
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return {access.GetDouble(message, &field)};
    case FieldDescriptor::CPPTYPE_STRING:
      return {access.GetString(message, &field)};
    case FieldDescriptor::CPPTYPE_ENUM:
      return {word_of(*access.GetEnum(message, &field))};
    default:
      return message_value(access.GetMessage(message, &field));
  }
}

cel::Value repeated(const Message& message, const FieldDescriptor& field) {
  const Reflection& access = *message.GetReflection();
  cel::List list;
  cel::Map map;
  for (int i = 0; i < access.FieldSize(message, &field); ++i) {
    if (field.is_map()) {
      const Message& entry = access.GetRepeatedMessage(message, &field, i);
      map.emplace(entry.GetReflection()->GetString(entry, field.message_type()->map_key()),
                  single(entry, *field.message_type()->map_value()));
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      list.push_back({access.GetRepeatedString(message, &field, i)});
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      list.push_back({word_of(*access.GetRepeatedEnum(message, &field, i))});
    } else {
      list.push_back(message_value(access.GetRepeatedMessage(message, &field, i)));
    }
  }
  return field.is_map() ? cel::Value::map(std::move(map)) : cel::Value::list(std::move(list));
}

bool is_set(const Message& message, const FieldDescriptor& field) {
  const Reflection& access = *message.GetReflection();
  const bool promised = rules_of(field).has_default_() || rules_of(field).required();
  if (field.is_repeated()) return promised || access.FieldSize(message, &field) > 0;
  return field.has_presence() ? access.HasField(message, &field)
                              : promised || access.HasField(message, &field);
}

// Rules are compiled once; there are as many as the schema has. Null: a rule that does not compile, which a
// test excludes.
const cel::Expression* compiled(const std::string& text) {
  static std::mutex mutex;
  static std::map<std::string, std::unique_ptr<const cel::Expression>> known;
  const std::lock_guard lock(mutex);
  const auto found = known.find(text);
  if (found != known.end()) return found->second.get();
  auto expression = cel::Expression::compile(text);
  return known
      .emplace(text, expression ? std::make_unique<const cel::Expression>(std::move(*expression)) : nullptr)
      .first->second.get();
}

}  // namespace

cel::Value to_cel(const Message& message) {
  cel::Map map;
  const auto& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (!is_set(message, field)) continue;
    map.emplace(field.json_name(), field.is_repeated() ? repeated(message, field) : single(message, field));
  }
  return cel::Value::map(std::move(map));
}

FieldErrors check_rules(const Message& message, const std::string& path) {
  FieldErrors errors;
  const v1::MessageRules& rules = rules_of(*message.GetDescriptor());
  if (rules.rule().empty()) return errors;
  const cel::Value self = to_cel(message);
  for (const v1::Rule& rule : rules.rule()) {
    const cel::Expression* expression = compiled(rule.cel());
    const auto result = expression ? expression->evaluate(self) : fail(Code::kInternal, "does not compile");
    const bool* holds = result ? result->as<bool>() : nullptr;
    if (holds && *holds) continue;
    const bool nested = !path.empty() && !rule.field_path().empty();
    const std::string at = path + (nested ? "." : "") + rule.field_path();
    errors.push_back(
        {at, holds ? rule.message()
                   : "rule " + rule.id() + ": " + (result ? "not a truth" : result.error().message)});
  }
  return errors;
}

}  // namespace otlpipe::schema
