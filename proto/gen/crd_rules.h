#pragma once

#include <nlohmann/json_fwd.hpp>

namespace google::protobuf {
class Descriptor;
class FieldDescriptor;
}  // namespace google::protobuf

namespace otlpipe::gen {

// What x-kubernetes-validations an object of this message has: its own rules, "exactly one of", what is not
// supported yet, and references from lists inside to lists of this message.
nlohmann::ordered_json rules_of_object(const google::protobuf::Descriptor& message);

// What x-kubernetes-validations a value of this field has beyond its schema: bounds of durations and
// quantities, words that are not supported yet.
nlohmann::ordered_json rules_of_value(const google::protobuf::FieldDescriptor& field);

}  // namespace otlpipe::gen
