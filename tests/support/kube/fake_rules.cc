#include "tests/support/kube/fake_rules.h"

#include <array>
#include <set>

#include <nlohmann/json.hpp>

namespace otlpipe::kube::testing {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 6> kServerFields = {
    "uid", "creationTimestamp", "resourceVersion", "generation", "deletionTimestamp", "selfLink"};

// Calls `test` with each requirement of a selector; false as soon as one fails.
template <typename Test>
bool all_of(std::string_view selector, const Test& test) {
  while (!selector.empty()) {
    const auto comma = selector.find(',');
    if (!test(selector.substr(0, comma))) return false;
    selector = comma == std::string_view::npos ? std::string_view() : selector.substr(comma + 1);
  }
  return true;
}

}  // namespace

std::string shelf_name(const Resource& resource) {
  return resource.group + "/" + resource.plural;
}

bool has_status(const Resource& resource) {
  static const std::set<std::string> kWithout = {"configmaps", "secrets", "serviceaccounts", "leases",
                                                 "events"};
  return !kWithout.contains(resource.plural);
}

bool counts_generations(const Resource& resource) {
  return has_status(resource) && resource.plural != "services" && resource.plural != "pods" &&
         resource.plural != "namespaces";
}

Json intent_of(const Json& object) {
  Json intent = object;
  intent.erase("metadata");
  intent.erase("status");
  return intent;
}

Json owned_part(const Json& object) {
  Json owned = object;
  owned.erase("apiVersion");
  owned.erase("kind");
  const auto metadata = owned.find("metadata");
  if (metadata == owned.end()) return owned;
  for (const std::string_view field : kServerFields) metadata->erase(std::string(field));
  metadata->erase("name");
  metadata->erase("namespace");
  if (metadata->empty()) owned.erase(metadata);
  return owned;
}

Json identity_part(const Json& object) {
  Json identity = {
      {"apiVersion", api_version(object)}, {"kind", kind(object)}, {"metadata", {{"name", name(object)}}}};
  if (!name_space(object).empty()) identity["metadata"]["namespace"] = name_space(object);
  return identity;
}

void keep_server_fields(const Json& stored, Json& next) {
  next["apiVersion"] = stored["apiVersion"];
  next["kind"] = stored["kind"];
  const Json& old = stored["metadata"];
  Json& metadata = next["metadata"];
  for (const std::string_view view : kServerFields) {
    const std::string field(view);
    if (old.contains(field)) {
      metadata[field] = old[field];
    } else {
      metadata.erase(field);
    }
  }
}

Error not_found(const Resource& resource, const ObjectKey& key) {
  return {Code::kNotFound, resource.plural + " \"" + key.name + "\" not found", key.to_string(), {}};
}

std::optional<Error> check_new(const Resource& resource, const Json& object) {
  const auto bad = [&](const std::string& message) {
    return Error{Code::kInvalidArgument, message, key_of(object).to_string(), {}};
  };
  if (name(object).empty()) return bad("metadata.name: Required value");
  if (resource.namespaced && name_space(object).empty()) return bad("metadata.namespace: Required value");
  if (kind(object) != resource.kind || api_version(object) != resource.api_version()) {
    return bad("the object is not a " + resource.kind + " of " + resource.api_version());
  }
  if (!resource_version(object).empty())
    return bad("resourceVersion should not be set on objects to be created");
  return std::nullopt;
}

std::optional<Error> check_preconditions(const Json& stored, const Json& wanted) {
  const auto conflict = [&](const std::string& what) {
    return Error{Code::kAborted, what, key_of(stored).to_string(), Retry::backoff()};
  };
  if (!uid(wanted).empty() && uid(wanted) != uid(stored)) return conflict("Precondition failed: UID");
  if (!resource_version(wanted).empty() && resource_version(wanted) != resource_version(stored)) {
    return conflict("the object has been modified; please apply your changes to the latest version");
  }
  return std::nullopt;
}

bool matches_labels(const Json& object, std::string_view selector) {
  const auto all = labels(object);
  return all_of(selector, [&](std::string_view term) {
    const auto equals = term.find('=');
    if (equals == std::string_view::npos) {
      const bool absent = term.starts_with('!');
      return all.contains(std::string(term.substr(absent ? 1 : 0))) != absent;
    }
    const bool negated = equals > 0 && term[equals - 1] == '!';
    const std::string key(term.substr(0, equals - (negated ? 1 : 0)));
    const bool doubled = equals + 1 < term.size() && term[equals + 1] == '=';
    const std::string value(term.substr(equals + (doubled ? 2 : 1)));
    const auto it = all.find(key);
    return (it != all.end() && it->second == value) != negated;
  });
}

bool matches_fields(const Json& object, std::string_view selector) {
  return all_of(selector, [&](std::string_view term) {
    const auto equals = term.find('=');
    return find_string(object, term.substr(0, equals)) == term.substr(equals + 1);
  });
}

}  // namespace otlpipe::kube::testing
