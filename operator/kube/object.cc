#include "operator/kube/object.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

namespace otlpipe::kube {
namespace {

using Json = nlohmann::json;

const Json* member(const Json* value, std::string_view key) {
  if (value == nullptr || !value->is_object()) return nullptr;
  const auto it = value->find(key);
  return it == value->end() ? nullptr : &*it;
}

std::string_view text(const Json* value) {
  return value != nullptr && value->is_string() ? std::string_view(value->get_ref<const std::string&>())
                                                : std::string_view();
}

std::string_view meta_text(const Json& object, std::string_view field) {
  return text(member(member(&object, "metadata"), field));
}

std::map<std::string, std::string> text_map(const Json* value) {
  std::map<std::string, std::string> result;
  if (value == nullptr || !value->is_object()) return result;
  for (const auto& [key, item] : value->items()) {
    if (item.is_string()) result.emplace(key, item.get<std::string>());
  }
  return result;
}

OwnerReference owner_from(const Json& item) {
  const auto get = [&item](std::string_view key) { return std::string(text(member(&item, key))); };
  const Json* controller = member(&item, "controller");
  return {get("apiVersion"), get("kind"), get("name"), get("uid"),
          controller != nullptr && controller->is_boolean() && controller->get<bool>()};
}

}  // namespace

std::string Resource::api_version() const {
  return group.empty() ? version : group + "/" + version;
}

std::string Resource::collection_path(std::string_view ns) const {
  std::string path = group.empty() ? "/api/" + version : "/apis/" + group + "/" + version;
  if (namespaced && !ns.empty()) path.append("/namespaces/").append(ns);
  return path + "/" + plural;
}

std::string ObjectKey::to_string() const {
  return ns.empty() ? name : ns + "/" + name;
}

std::string_view api_version(const Json& object) {
  return text(member(&object, "apiVersion"));
}
std::string_view kind(const Json& object) {
  return text(member(&object, "kind"));
}
std::string_view name(const Json& object) {
  return meta_text(object, "name");
}
std::string_view name_space(const Json& object) {
  return meta_text(object, "namespace");
}
std::string_view uid(const Json& object) {
  return meta_text(object, "uid");
}
std::string_view resource_version(const Json& object) {
  return meta_text(object, "resourceVersion");
}

std::string_view label(const Json& object, std::string_view key) {
  return text(member(member(member(&object, "metadata"), "labels"), key));
}

std::string_view annotation(const Json& object, std::string_view key) {
  return text(member(member(member(&object, "metadata"), "annotations"), key));
}

std::int64_t generation(const Json& object) {
  return find_int(object, "metadata.generation");
}

ObjectKey key_of(const Json& object) {
  return {std::string(name_space(object)), std::string(name(object))};
}

std::map<std::string, std::string> labels(const Json& object) {
  return text_map(member(member(&object, "metadata"), "labels"));
}

std::map<std::string, std::string> annotations(const Json& object) {
  return text_map(member(member(&object, "metadata"), "annotations"));
}

std::vector<std::string> finalizers(const Json& object) {
  std::vector<std::string> result;
  const Json* list = member(member(&object, "metadata"), "finalizers");
  if (list == nullptr || !list->is_array()) return result;
  for (const Json& item : *list) {
    if (item.is_string()) result.push_back(item.get<std::string>());
  }
  return result;
}

bool is_deleting(const Json& object) {
  return !meta_text(object, "deletionTimestamp").empty();
}

std::vector<OwnerReference> owner_references(const Json& object) {
  std::vector<OwnerReference> result;
  const Json* list = member(member(&object, "metadata"), "ownerReferences");
  if (list == nullptr || !list->is_array()) return result;
  for (const Json& item : *list) result.push_back(owner_from(item));
  return result;
}

std::optional<OwnerReference> controller_of(const Json& object) {
  auto owners = owner_references(object);
  const auto it =
      std::find_if(owners.begin(), owners.end(), [](const auto& owner) { return owner.controller; });
  if (it == owners.end()) return std::nullopt;
  return std::move(*it);
}

bool is_controlled_by(const Json& object, std::string_view owner_uid) {
  const auto owner = controller_of(object);
  return owner && !owner_uid.empty() && owner->uid == owner_uid;
}

void set_controller_reference(Json& object, const Json& owner) {
  Json& list = object["metadata"]["ownerReferences"];
  Json kept = Json::array();
  if (list.is_array()) {
    for (Json& item : list) {
      const OwnerReference reference = owner_from(item);
      if (!reference.controller && reference.uid != uid(owner)) kept.push_back(std::move(item));
    }
  }
  kept.push_back({{"apiVersion", api_version(owner)},
                  {"kind", kind(owner)},
                  {"name", name(owner)},
                  {"uid", uid(owner)},
                  {"controller", true},
                  {"blockOwnerDeletion", true}});
  list = std::move(kept);
}

void strip_bulk(Json& object) {
  const auto metadata = object.find("metadata");
  if (metadata == object.end() || !metadata->is_object()) return;
  metadata->erase("managedFields");
  const auto notes = metadata->find("annotations");
  if (notes != metadata->end() && notes->is_object()) {
    notes->erase("kubectl.kubernetes.io/last-applied-configuration");
  }
}

const Json* find(const Json& object, std::string_view path) {
  const Json* at = &object;
  while (at != nullptr && !path.empty()) {
    const auto dot = path.find('.');
    at = member(at, path.substr(0, dot));
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  }
  return at;
}

std::string_view find_string(const Json& object, std::string_view path) {
  return text(find(object, path));
}

std::int64_t find_int(const Json& object, std::string_view path, std::int64_t fallback) {
  const Json* value = find(object, path);
  return value != nullptr && value->is_number_integer() ? value->get<std::int64_t>() : fallback;
}

}  // namespace otlpipe::kube
