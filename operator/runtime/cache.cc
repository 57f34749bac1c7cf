#include "operator/runtime/cache.h"

#include <utility>

#include <nlohmann/json.hpp>

namespace otlpipe::runtime {

using kube::ObjectKey;
using kube::ObjectPtr;

void Cache::add_index(std::string index, IndexFunction values) {
  const std::lock_guard lock(mutex_);
  indexes_[std::move(index)] = Index{std::move(values), {}};
}

void Cache::add_handler(ChangeHandler handler) {
  const std::lock_guard lock(mutex_);
  handlers_.push_back(std::move(handler));
}

void Cache::add_sync_handler(std::function<void()> handler) {
  const std::lock_guard lock(mutex_);
  sync_handlers_.push_back(std::move(handler));
}

ObjectPtr Cache::get(const ObjectKey& key) const {
  const std::lock_guard lock(mutex_);
  const auto it = objects_.find(key);
  return it == objects_.end() ? nullptr : it->second;
}

std::vector<ObjectPtr> Cache::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<ObjectPtr> result;
  result.reserve(objects_.size());
  for (const auto& [key, object] : objects_) result.push_back(object);
  return result;
}

std::vector<ObjectPtr> Cache::by_index(const std::string& index, const std::string& value) const {
  const std::lock_guard lock(mutex_);
  std::vector<ObjectPtr> result;
  const auto found = indexes_.find(index);
  if (found == indexes_.end()) return result;
  const auto keys = found->second.keys.find(value);
  if (keys == found->second.keys.end()) return result;
  for (const ObjectKey& key : keys->second) result.push_back(objects_.at(key));
  return result;
}

std::size_t Cache::size() const {
  const std::lock_guard lock(mutex_);
  return objects_.size();
}

bool Cache::synced() const {
  const std::lock_guard lock(mutex_);
  return synced_;
}

void Cache::index_locked(const ObjectKey& key, const nlohmann::json& object, bool present) {
  for (auto& [name, index] : indexes_) {
    for (const std::string& value : index.values(object)) {
      if (present) {
        index.keys[value].insert(key);
      } else if (const auto it = index.keys.find(value); it != index.keys.end()) {
        it->second.erase(key);
        if (it->second.empty()) index.keys.erase(it);
      }
    }
  }
}

Change Cache::put_locked(ObjectPtr object) {
  ObjectKey key = kube::key_of(*object);
  ObjectPtr& slot = objects_[key];
  Change change{key, slot, object};
  if (slot) index_locked(key, *slot, false);
  index_locked(key, *object, true);
  slot = std::move(object);
  return change;
}

Change Cache::erase_locked(const ObjectKey& key) {
  const auto it = objects_.find(key);
  Change change{key, it->second, nullptr};
  index_locked(key, *it->second, false);
  objects_.erase(it);
  return change;
}

void Cache::upsert(ObjectPtr object) {
  std::vector<Change> changes;
  {
    const std::lock_guard lock(mutex_);
    changes.push_back(put_locked(std::move(object)));
  }
  notify(changes);
}

void Cache::erase(const ObjectKey& key) {
  std::vector<Change> changes;
  {
    const std::lock_guard lock(mutex_);
    if (!objects_.contains(key)) return;
    changes.push_back(erase_locked(key));
  }
  notify(changes);
}

void Cache::replace(std::vector<ObjectPtr> objects) {
  std::vector<Change> changes;
  {
    const std::lock_guard lock(mutex_);
    std::set<ObjectKey> kept;
    for (ObjectPtr& object : objects) {
      ObjectKey key = kube::key_of(*object);
      kept.insert(key);
      const auto it = objects_.find(key);
      const bool same = it != objects_.end() && kube::uid(*it->second) == kube::uid(*object) &&
                        kube::resource_version(*it->second) == kube::resource_version(*object);
      if (!same) changes.push_back(put_locked(std::move(object)));
    }
    std::vector<ObjectKey> gone;
    for (const auto& [key, object] : objects_) {
      if (!kept.contains(key)) gone.push_back(key);
    }
    for (const ObjectKey& key : gone) changes.push_back(erase_locked(key));
  }
  notify(changes);
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(synced_, true)) return;
  }
  for (const auto& handler : sync_handlers_) handler();
}

void Cache::notify(const std::vector<Change>& changes) const {
  // handlers_ is complete before the first change, so it is read without the lock.
  for (const Change& change : changes) {
    for (const ChangeHandler& handler : handlers_) handler(change);
  }
}

std::vector<std::string> index_by_controller_uid(const nlohmann::json& object) {
  auto owner = kube::controller_of(object);
  if (!owner) return {};
  return {std::move(owner->uid)};
}

std::vector<std::string> index_by_namespace(const nlohmann::json& object) {
  return {std::string(kube::name_space(object))};
}

}  // namespace otlpipe::runtime
