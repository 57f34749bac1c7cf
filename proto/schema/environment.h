#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "proto/schema/field_error.h"

namespace google::protobuf {
class Message;
}

namespace otlpipe::schema {

// References to the environment in text: ${env:NAME}, and ${env:NAME:-default} for when NAME is not set or
// empty.
// "$${" stands for the characters "${".

// The value of a variable, or nothing when it is not set.
using EnvironmentLookup = std::function<std::optional<std::string>(const std::string& name)>;

// Whether `text` holds a reference.
bool has_environment_reference(std::string_view text);

// Why the references in `text` are malformed, or nothing.
std::optional<std::string> environment_syntax_error(std::string_view text);

// The text with every reference replaced. Fails when a variable without a default is not set.
Result<std::string> expand_environment(std::string_view text, const EnvironmentLookup& lookup);

// Replaces the references in every text of the message that may hold some, in place, and then validates it
// again as a whole. Pieces that are handed through to Kubernetes are left as they are. Done once, when a
// worker takes over a configuration.
FieldErrors expand_environment(google::protobuf::Message& message, const EnvironmentLookup& lookup,
                               std::string_view root_path);

}  // namespace otlpipe::schema
