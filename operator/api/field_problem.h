#pragma once

#include <string>

namespace otlpipe::api {

// What is wrong with one field of a resource, for people.
struct FieldProblem {
  std::string path;  // "spec.exporters[0].otlpGrpc.endpoint"; may be empty
  std::string message;
  bool operator==(const FieldProblem&) const = default;
};

}  // namespace otlpipe::api
