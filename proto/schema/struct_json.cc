#include "proto/schema/struct_json.h"

#include <cmath>
#include <cstdint>

#include <google/protobuf/struct.pb.h>
#include <nlohmann/json.hpp>

namespace otlpipe::schema {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;
using nlohmann::json;

constexpr int kMaxDepth = 64;
constexpr double kExact = 9007199254740992.0;  // 2^53

bool to_value(const json& in, Value& out, int depth);

bool to_fields(const json& in, Struct& out, int depth) {
  for (const auto& [key, value] : in.items()) {
    if (!to_value(value, (*out.mutable_fields())[key], depth)) return false;
  }
  return true;
}

bool to_value(const json& in, Value& out, int depth) {
  if (depth > kMaxDepth) return false;
  if (in.is_boolean()) {
    out.set_bool_value(in.get<bool>());
  } else if (in.is_number()) {
    out.set_number_value(in.get<double>());
  } else if (in.is_string()) {
    out.set_string_value(in.get<std::string>());
  } else if (in.is_array()) {
    out.mutable_list_value();
    for (const json& item : in) {
      if (!to_value(item, *out.mutable_list_value()->add_values(), depth + 1)) return false;
    }
  } else if (in.is_object()) {
    return to_fields(in, *out.mutable_struct_value(), depth + 1);
  } else {
    out.set_null_value(google::protobuf::NULL_VALUE);
  }
  return true;
}

json from_value(const Value& in) {
  switch (in.kind_case()) {
    case Value::kBoolValue:
      return in.bool_value();
    case Value::kStringValue:
      return in.string_value();
    case Value::kStructValue:
      return from_struct(in.struct_value());
    case Value::kNumberValue: {
      const double number = in.number_value();
      if (std::trunc(number) == number && std::fabs(number) < kExact)
        return static_cast<std::int64_t>(number);
      return number;
    }
    case Value::kListValue: {
      json list = json::array();
      for (const Value& item : in.list_value().values()) list.push_back(from_value(item));
      return list;
    }
    default:
      return nullptr;
  }
}

}  // namespace

bool to_struct(const json& in, Struct& out) {
  return to_fields(in, out, 0);
}

json from_struct(const Struct& in) {
  json out = json::object();
  for (const auto& [key, value] : in.fields()) out[key] = from_value(value);
  return out;
}

}  // namespace otlpipe::schema
