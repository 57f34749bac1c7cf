#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace otlpipe::kube {

// Kubernetes objects are JSON values; this header names the parts of metadata that everybody needs. Every
// accessor tolerates a missing or ill-typed field (it answers empty), because objects come from outside. All
// functions are pure and thread safe.

// An object shared between threads; nobody changes it once it is shared.
using ObjectPtr = std::shared_ptr<const nlohmann::json>;

// One kind of object as the API serves it. `group` is empty for the core group.
struct Resource {
  std::string group;
  std::string version;
  std::string plural;
  std::string kind;
  bool namespaced = true;

  // "v1" or "apps/v1".
  std::string api_version() const;
  // "/apis/apps/v1/namespaces/ns/deployments"; without a namespace (all of them, or cluster scope) leaves it
  // out.
  std::string collection_path(std::string_view ns) const;

  auto operator<=>(const Resource&) const = default;
};

// The name of one object of a kind. `ns` is empty for cluster-scoped kinds.
struct ObjectKey {
  std::string ns;
  std::string name;

  // "ns/name", or "name" without a namespace.
  std::string to_string() const;
  auto operator<=>(const ObjectKey&) const = default;
};

struct OwnerReference {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string uid;
  bool controller = false;
};

std::string_view api_version(const nlohmann::json& object);
std::string_view kind(const nlohmann::json& object);
std::string_view name(const nlohmann::json& object);
std::string_view name_space(const nlohmann::json& object);
std::string_view uid(const nlohmann::json& object);
std::string_view resource_version(const nlohmann::json& object);
std::string_view label(const nlohmann::json& object, std::string_view key);
std::string_view annotation(const nlohmann::json& object, std::string_view key);
std::int64_t generation(const nlohmann::json& object);
ObjectKey key_of(const nlohmann::json& object);
std::map<std::string, std::string> labels(const nlohmann::json& object);
std::map<std::string, std::string> annotations(const nlohmann::json& object);
std::vector<std::string> finalizers(const nlohmann::json& object);
bool is_deleting(const nlohmann::json& object);  // has a deletionTimestamp

std::vector<OwnerReference> owner_references(const nlohmann::json& object);
// The one owner with controller: true.
std::optional<OwnerReference> controller_of(const nlohmann::json& object);
bool is_controlled_by(const nlohmann::json& object, std::string_view owner_uid);

// Makes `owner` (which must have apiVersion, kind, name and uid) the only controlling owner of `object`, with
// blockOwnerDeletion. Other owner references stay.
void set_controller_reference(nlohmann::json& object, const nlohmann::json& owner);

// Removes what a cache never needs and what is large: metadata.managedFields and the last-applied annotation.
void strip_bulk(nlohmann::json& object);

// The value at a dotted path of object fields ("status.readyReplicas"), or nullptr. Names with dots cannot be
// reached this way.
const nlohmann::json* find(const nlohmann::json& object, std::string_view path);
std::string_view find_string(const nlohmann::json& object, std::string_view path);
std::int64_t find_int(const nlohmann::json& object, std::string_view path, std::int64_t fallback = 0);

}  // namespace otlpipe::kube
