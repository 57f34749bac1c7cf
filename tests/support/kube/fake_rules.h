#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "common/base/error.h"
#include "operator/kube/object.h"

namespace otlpipe::kube::testing {

// What the modelled API server knows about kinds and metadata. Pure.

std::string shelf_name(const Resource& resource);         // "apps/deployments"
bool has_status(const Resource& resource);                // a status subresource: plain writes leave it alone
bool counts_generations(const Resource& resource);        // metadata.generation grows with the intent
nlohmann::json intent_of(const nlohmann::json& object);   // everything but metadata and status
nlohmann::json owned_part(const nlohmann::json& object);  // without what no manager can own (names, versions)
nlohmann::json identity_part(const nlohmann::json& object);
void keep_server_fields(const nlohmann::json& stored, nlohmann::json& next);

Error not_found(const Resource& resource, const ObjectKey& key);
std::optional<Error> check_new(const Resource& resource, const nlohmann::json& object);
// A uid or resourceVersion in `wanted` (when not empty) must be the stored one.
std::optional<Error> check_preconditions(const nlohmann::json& stored, const nlohmann::json& wanted);

// "a=b,c!=d,e,!f"; and "metadata.name=x,metadata.namespace=y".
bool matches_labels(const nlohmann::json& object, std::string_view selector);
bool matches_fields(const nlohmann::json& object, std::string_view selector);

}  // namespace otlpipe::kube::testing
