#pragma once

#include <nlohmann/json_fwd.hpp>

#include "proto/gen/comments.h"

namespace google::protobuf {
class Descriptor;
}

namespace otlpipe::gen {

// The structural OpenAPI schema of a message, as apiextensions.k8s.io/v1 wants it: descriptions, defaults,
// bounds, patterns, words, list types and rules.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
nlohmann::ordered_json crd_schema(const google::protobuf::Descriptor& message, const Comments& comments);

}  // namespace otlpipe::gen
