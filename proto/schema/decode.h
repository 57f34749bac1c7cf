#pragma once

#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "proto/schema/field_error.h"

namespace google::protobuf {
class Message;
}

namespace otlpipe::schema {

// Strictly reads JSON (as the Kubernetes API writes it) into `out`, whatever message of the schema it is:
// unknown fields, wrong types, bounds, formats, duplicates, references to what is not there, cross-field
// rules and what is not supported yet are errors, and all are returned at once, in the order of the schema.
// Defaults are filled in. With no error `out` is complete and valid; otherwise its contents mean nothing.
// `root_path` is what paths begin with ("spec", or ""). Thread safe. Text that holds a reference to the
// environment (environment.h) is checked once it is resolved.
FieldErrors decode(const nlohmann::json& in, google::protobuf::Message& out, std::string_view root_path);

// Checks a message that was put together in memory, by the same rules.
FieldErrors validate(const google::protobuf::Message& message, std::string_view root_path);

}  // namespace otlpipe::schema
