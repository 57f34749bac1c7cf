#pragma once

#include <string>

#include "proto/schema/cel/value.h"
#include "proto/schema/field_error.h"

namespace google::protobuf {
class Message;
}

namespace otlpipe::schema {

// A message as the expression language sees it: by JSON names, with words for enums, durations as such and
// quantities as numbers. What is not set is not there. Internal to proto/.
cel::Value to_cel(const google::protobuf::Message& message);

// The rules of a message's type (not of the messages inside) that do not hold for it.
FieldErrors check_rules(const google::protobuf::Message& message, const std::string& path);

}  // namespace otlpipe::schema
