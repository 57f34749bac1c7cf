#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "operator/runtime/controller.h"

namespace otlpipe::runtime {
namespace {

using kube::ObjectKey;
using Json = nlohmann::json;

bool same_at(const Json& a, const Json& b, std::string_view path) {
  const Json* left = kube::find(a, path);
  const Json* right = kube::find(b, path);
  if (left == nullptr || right == nullptr) return left == right;
  return *left == *right;
}

std::optional<ObjectKey> owner_key(const Json& object, std::string_view kind, std::string_view group) {
  const auto owner = kube::controller_of(object);
  if (!owner || owner->kind != kind) return std::nullopt;
  const std::string_view api = owner->api_version;
  const auto slash = api.find('/');
  if ((slash == std::string_view::npos ? std::string_view() : api.substr(0, slash)) != group)
    return std::nullopt;
  return ObjectKey{std::string(kube::name_space(object)), owner->name};
}

}  // namespace

bool generation_or_metadata_changed(const Change& change) {
  if (!change.before || !change.after) return true;
  const Json& a = *change.before;
  const Json& b = *change.after;
  if (!same_at(a, b, "metadata.uid") || !same_at(a, b, "metadata.generation")) return true;
  // A kind without generation (ConfigMap, Secret) has no status to tell apart.
  if (kube::find(b, "metadata.generation") == nullptr) return anything_changed(change);
  return !same_at(a, b, "metadata.labels") || !same_at(a, b, "metadata.annotations") ||
         !same_at(a, b, "metadata.finalizers") || !same_at(a, b, "metadata.ownerReferences") ||
         !same_at(a, b, "metadata.deletionTimestamp");
}

bool anything_changed(const Change& change) {
  if (!change.before || !change.after) return true;
  if (kube::resource_version(*change.before) == kube::resource_version(*change.after)) return false;
  const auto without_version = [](const Json& object) {
    Json copy = object;
    copy["metadata"].erase("resourceVersion");
    return copy;
  };
  return without_version(*change.before) != without_version(*change.after);
}

std::vector<ObjectKey> own_key(const Change& change) {
  return {change.key};
}

KeyMapper controlling_owner(std::string owner_kind, std::string owner_api_group) {
  return [kind = std::move(owner_kind), group = std::move(owner_api_group)](const Change& change) {
    std::vector<ObjectKey> keys;
    for (const auto& object : {change.before, change.after}) {
      if (!object) continue;
      auto key = owner_key(*object, kind, group);
      if (key && std::find(keys.begin(), keys.end(), *key) == keys.end()) keys.push_back(std::move(*key));
    }
    return keys;
  };
}

}  // namespace otlpipe::runtime
