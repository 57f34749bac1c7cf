#include "proto/schema/encode.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/message.h>
#include <google/protobuf/struct.pb.h>
#include <nlohmann/json.hpp>

#include "common/time/duration.h"
#include "proto/schema/descriptors.h"
#include "proto/schema/quantity.h"
#include "proto/schema/struct_json.h"

namespace otlpipe::schema {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using nlohmann::json;

// "3" as 3 where JSON may have either: what Kubernetes itself writes.
json text_or_number(const FieldDescriptor& field, const std::string& text) {
  const bool digits = !text.empty() && text.size() <= 18 && (text == "0" || text.front() != '0') &&
                      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!rules_of(field).int_or_string() || !digits) return text;
  return std::stoll(text);
}

// 2, not 2.0.
json number(double value) {
  if (std::trunc(value) == value && std::fabs(value) < 1e15) return static_cast<std::int64_t>(value);
  return value;
}

json quantity(std::int64_t bytes) {
  std::string text = format_bytes(bytes);
  const bool number = text.back() >= '0' && text.back() <= '9';
  return number ? json(bytes) : json(std::move(text));
}

json message_value(const Message& message) {
  if (const auto* span = google::protobuf::DynamicCastToGenerated<google::protobuf::Duration>(&message)) {
    return format_duration(std::chrono::seconds(span->seconds()) + std::chrono::nanoseconds(span->nanos()));
  }
  if (const auto* object = google::protobuf::DynamicCastToGenerated<google::protobuf::Struct>(&message)) {
    return from_struct(*object);
  }
  return encode(message);
}

json single(const Message& message, const FieldDescriptor& field) {
  const Reflection& access = *message.GetReflection();
  switch (json_kind(field)) {
    case JsonKind::kBool:
      return access.GetBool(message, &field);
    case JsonKind::kNumber:
      return number(access.GetDouble(message, &field));
    case JsonKind::kText:
      return text_or_number(field, access.GetString(message, &field));
    case JsonKind::kEnum:
      return word_of(*access.GetEnum(message, &field));
    case JsonKind::kQuantity:
      return quantity(access.GetInt64(message, &field));
    case JsonKind::kInteger:
      return field.cpp_type() == FieldDescriptor::CPPTYPE_INT64 ? access.GetInt64(message, &field)
                                                                : access.GetInt32(message, &field);
    default:
      return message_value(access.GetMessage(message, &field));
  }
}

json repeated(const Message& message, const FieldDescriptor& field) {
  const Reflection& access = *message.GetReflection();
  json out = field.is_map() ? json::object() : json::array();
  for (int i = 0; i < access.FieldSize(message, &field); ++i) {
    if (field.is_map()) {
      const Message& entry = access.GetRepeatedMessage(message, &field, i);
      const Reflection& inner = *entry.GetReflection();
      out[inner.GetString(entry, field.message_type()->map_key())] =
          text_or_number(field, inner.GetString(entry, field.message_type()->map_value()));
    } else if (json_kind(field) == JsonKind::kText) {
      out.push_back(access.GetRepeatedString(message, &field, i));
    } else if (json_kind(field) == JsonKind::kEnum) {
      out.push_back(word_of(*access.GetRepeatedEnum(message, &field, i)));
    } else {
      out.push_back(message_value(access.GetRepeatedMessage(message, &field, i)));
    }
  }
  return out;
}

// A zero is written where its absence would mean something else: a default, or an error.
bool written(const Message& message, const FieldDescriptor& field) {
  const Reflection& access = *message.GetReflection();
  const v1::FieldRules& rules = rules_of(field);
  if (field.is_repeated())
    return rules.has_default_() || rules.required() || access.FieldSize(message, &field) > 0;
  if (field.has_presence() || access.HasField(message, &field)) return access.HasField(message, &field);
  return field.cpp_type() != FieldDescriptor::CPPTYPE_ENUM && (rules.has_default_() || rules.required());
}

}  // namespace

json encode(const Message& message) {
  json out = json::object();
  const auto& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (!written(message, field)) continue;
    out[field.json_name()] = field.is_repeated() ? repeated(message, field) : single(message, field);
  }
  return out;
}

}  // namespace otlpipe::schema
