#pragma once

#include <string>
#include <vector>

#include "common/base/error.h"

namespace otlpipe::schema {

// One thing that is wrong with a value: where, what, and what is allowed. One line, for people.
struct FieldError {
  std::string path;  // "spec.exporters[0].otlpGrpc.retry.multiplier"; empty: the value as a whole
  std::string message;

  std::string to_string() const { return path.empty() ? message : path + ": " + message; }
  bool operator==(const FieldError&) const = default;
};
using FieldErrors = std::vector<FieldError>;

// All of them as one Error, for callers that can only hand on one: the first one's path and message, and how
// many more there are.
Error to_error(const FieldErrors& errors);

}  // namespace otlpipe::schema
