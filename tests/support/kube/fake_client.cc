#include "tests/support/kube/fake_client.h"

#include <utility>

#include "tests/support/kube/fake_rules.h"

namespace otlpipe::kube::testing {

using Json = nlohmann::json;

FakeClient::FakeClient() = default;
FakeClient::~FakeClient() = default;

std::optional<Error> FakeClient::enter(Call call) {
  std::function<std::optional<Error>(const Call&)> fault;
  {
    const std::lock_guard lock(mutex_);
    calls_.push_back(call);
    resources_.emplace(shelf_name(call.resource), call.resource);
    fault = fault_;
  }
  return fault ? fault(call) : std::nullopt;
}

FakeClient::Stored* FakeClient::find_locked(const Resource& resource, const ObjectKey& key) {
  Shelf& shelf = shelves_[shelf_name(resource)];
  const auto it = shelf.find(key);
  return it == shelf.end() ? nullptr : &it->second;
}

void FakeClient::record_locked(const Resource& resource, WatchEventType type, const Json& object,
                               const Json& before) {
  history_.push_back({version_, shelf_name(resource), type, object, before});
  changed_.notify_all();
}

Result<Json> FakeClient::insert_locked(const Resource& resource, Json object, Ownership ownership) {
  const ObjectKey key = key_of(object);
  if (auto bad = check_new(resource, object)) return fail(std::move(*bad));
  Json& meta = object["metadata"];
  meta["uid"] = "uid-" + std::to_string(next_uid_++);
  meta["creationTimestamp"] = now_;
  meta["resourceVersion"] = std::to_string(++version_);
  meta.erase("deletionTimestamp");
  meta.erase("generation");
  if (counts_generations(resource)) meta["generation"] = 1;
  Stored& stored = shelves_[shelf_name(resource)][key];
  stored = {std::move(object), std::move(ownership)};
  record_locked(resource, WatchEventType::kAdded, stored.object, nullptr);
  return stored.object;
}

// Puts `next` in the place of the stored object, with the parts of metadata that only the server writes.
Json FakeClient::commit_locked(const Resource& resource, Stored& stored, Json next) {
  keep_server_fields(stored.object, next);
  if (next == stored.object) return next;
  if (counts_generations(resource) && intent_of(next) != intent_of(stored.object)) {
    next["metadata"]["generation"] = generation(stored.object) + 1;
  }
  next["metadata"]["resourceVersion"] = std::to_string(++version_);
  const Json before = std::exchange(stored.object, next);
  if (is_deleting(next) && finalizers(next).empty()) {
    shelves_[shelf_name(resource)].erase(key_of(next));
    record_locked(resource, WatchEventType::kDeleted, next, before);
    collect_garbage_locked(std::string(uid(next)));
  } else {
    record_locked(resource, WatchEventType::kModified, next, before);
  }
  return next;
}

void FakeClient::erase_locked(const Resource& resource, const ObjectKey& key) {
  Stored* stored = find_locked(resource, key);
  if (stored == nullptr) return;
  if (!finalizers(stored->object).empty()) {
    if (is_deleting(stored->object)) return;
    const Json before = stored->object;
    stored->object["metadata"]["deletionTimestamp"] = now_;
    stored->object["metadata"]["resourceVersion"] = std::to_string(++version_);
    if (counts_generations(resource)) stored->object["metadata"]["generation"] = generation(before) + 1;
    record_locked(resource, WatchEventType::kModified, stored->object, before);
    return;
  }
  const Json before = std::move(stored->object);
  shelves_[shelf_name(resource)].erase(key);
  Json last = before;
  last["metadata"]["resourceVersion"] = std::to_string(++version_);
  record_locked(resource, WatchEventType::kDeleted, last, before);
  collect_garbage_locked(std::string(uid(last)));
}

void FakeClient::collect_garbage_locked(const std::string& owner_uid) {
  std::vector<std::pair<Resource, ObjectKey>> orphans;
  for (const auto& [shelf, objects] : shelves_) {
    for (const auto& [key, stored] : objects) {
      const auto owners = owner_references(stored.object);
      if (owners.size() == 1 && owners[0].uid == owner_uid) orphans.emplace_back(resources_.at(shelf), key);
    }
  }
  for (const auto& [resource, key] : orphans) erase_locked(resource, key);
}

Result<Json> FakeClient::get(const Resource& resource, const ObjectKey& key) {
  if (auto error = enter({"get", resource, key, ""})) return fail(*error);
  const std::lock_guard lock(mutex_);
  const Stored* stored = find_locked(resource, key);
  if (stored == nullptr) return fail(not_found(resource, key));
  return stored->object;
}

Result<Json> FakeClient::create(const Resource& resource, const Json& object) {
  const ObjectKey key = key_of(object);
  if (auto error = enter({"create", resource, key, "", object})) return fail(*error);
  const std::lock_guard lock(mutex_);
  if (find_locked(resource, key) != nullptr) {
    return fail(Code::kAlreadyExists, resource.plural + " \"" + key.name + "\" already exists",
                key.to_string());
  }
  Json fresh = object;
  if (has_status(resource)) fresh.erase("status");
  Ownership ownership;
  ownership.changed(Json::object(), owned_part(fresh), std::string(kFieldManager) + "/Update");
  return insert_locked(resource, std::move(fresh), std::move(ownership));
}

Result<Json> FakeClient::apply(const Resource& resource, const Json& object, const ApplyOptions& options) {
  const ObjectKey key = key_of(object);
  if (auto error = enter({"apply", resource, key, options.subresource, object})) return fail(*error);
  const std::lock_guard lock(mutex_);
  if (object.value("/metadata/managedFields"_json_pointer, Json()).is_array()) {
    return fail(Code::kInvalidArgument, "metadata.managedFields must be nil", key.to_string());
  }
  const bool for_status = options.subresource == "status";
  Stored* stored = find_locked(resource, key);
  if (stored == nullptr && for_status) return fail(not_found(resource, key));
  if (stored != nullptr) {
    if (auto error = check_preconditions(stored->object, object)) return fail(*error);
  }
  Json wanted = for_status ? Json{{"status", object.value("status", Json::object())}} : owned_part(object);
  if (!for_status && has_status(resource)) wanted.erase("status");

  Ownership ownership = stored != nullptr ? stored->ownership : Ownership();
  Json next = stored != nullptr ? stored->object : identity_part(object);
  const std::string manager = options.field_manager + (for_status ? "/status" : "");
  if (auto applied = ownership.apply(next, wanted, manager, options.force); !applied) {
    return fail(std::move(applied.error()));
  }
  if (options.dry_run) return next;
  if (stored == nullptr) return insert_locked(resource, std::move(next), std::move(ownership));
  stored->ownership = std::move(ownership);
  return commit_locked(resource, *stored, std::move(next));
}

Result<Json> FakeClient::update(const Resource& resource, const Json& object) {
  const ObjectKey key = key_of(object);
  if (auto error = enter({"update", resource, key, "", object})) return fail(*error);
  const std::lock_guard lock(mutex_);
  Stored* stored = find_locked(resource, key);
  if (stored == nullptr) return fail(not_found(resource, key));
  if (auto error = check_preconditions(stored->object, object)) return fail(*error);
  Json next = object;
  if (has_status(resource)) {
    next.erase("status");
    if (stored->object.contains("status")) next["status"] = stored->object["status"];
  }
  stored->ownership.changed(owned_part(stored->object), owned_part(next),
                            std::string(kFieldManager) + "/Update");
  return commit_locked(resource, *stored, std::move(next));
}

Result<Json> FakeClient::patch(const Resource& resource, const ObjectKey& key, const Json& merge_patch,
                               std::string_view subresource) {
  if (auto error = enter({"patch", resource, key, std::string(subresource), merge_patch}))
    return fail(*error);
  const std::lock_guard lock(mutex_);
  Stored* stored = find_locked(resource, key);
  if (stored == nullptr) return fail(not_found(resource, key));
  if (auto error = check_preconditions(stored->object, merge_patch)) return fail(*error);
  Json next = stored->object;
  Json allowed = merge_patch;
  if (subresource == "status") {
    allowed = {{"status", merge_patch.value("status", Json::object())}};
  } else if (has_status(resource)) {
    allowed.erase("status");
  }
  next.merge_patch(allowed);
  stored->ownership.changed(owned_part(stored->object), owned_part(next),
                            std::string(kFieldManager) + "/Update");
  return commit_locked(resource, *stored, std::move(next));
}

Status FakeClient::remove(const Resource& resource, const ObjectKey& key, const DeleteOptions& options) {
  if (auto error = enter({"delete", resource, key, ""})) return fail(*error);
  const std::lock_guard lock(mutex_);
  const Stored* stored = find_locked(resource, key);
  if (stored == nullptr) return fail(not_found(resource, key));
  const Json wanted = {{"metadata", {{"uid", options.uid}, {"resourceVersion", options.resource_version}}}};
  if (auto error = check_preconditions(stored->object, wanted)) return fail(*error);
  erase_locked(resource, key);
  return {};
}

Result<Json> FakeClient::get_raw(std::string_view path) {
  if (auto error = enter({"raw", {}, {"", std::string(path)}, ""})) return fail(*error);
  if (path == "/version") return Json{{"major", "1"}, {"minor", "31"}, {"gitVersion", "v1.31.0-fake"}};
  return fail(Code::kNotFound, "the server could not find the requested resource", std::string(path));
}

Json FakeClient::edit(const Resource& resource, const ObjectKey& key,
                      const std::function<void(Json&)>& change, const std::string& manager) {
  const std::lock_guard lock(mutex_);
  resources_.emplace(shelf_name(resource), resource);
  Stored* stored = find_locked(resource, key);
  if (stored == nullptr) {
    Json fresh = {
        {"apiVersion", resource.api_version()}, {"kind", resource.kind}, {"metadata", {{"name", key.name}}}};
    if (!key.ns.empty()) fresh["metadata"]["namespace"] = key.ns;
    change(fresh);
    Ownership ownership;
    ownership.changed(Json::object(), owned_part(fresh), manager + "/Update");
    return *insert_locked(resource, std::move(fresh), std::move(ownership));
  }
  Json next = stored->object;
  change(next);
  stored->ownership.changed(owned_part(stored->object), owned_part(next), manager + "/Update");
  return commit_locked(resource, *stored, std::move(next));
}

}  // namespace otlpipe::kube::testing
