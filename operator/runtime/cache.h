#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "operator/kube/object.h"

namespace otlpipe::runtime {

// What happened to one object. `before` is null when it is new, `after` when it is gone.
struct Change {
  kube::ObjectKey key;
  kube::ObjectPtr before;
  kube::ObjectPtr after;

  // The object as it is, or as it last was.
  const nlohmann::json& latest() const { return after ? *after : *before; }
};
using ChangeHandler = std::function<void(const Change&)>;

// The index values of an object (a uid of its owner, names of Secrets that it mentions, …).
using IndexFunction = std::function<std::vector<std::string>(const nlohmann::json&)>;

// A local copy of all objects of one kind, kept up to date by a reflector. Readers see whole objects that
// never change under them. Thread safe, but indexes and handlers must be added before the first change.
// Handlers run on the writer's thread, one change after the other, without a lock held.
class Cache {
 public:
  void add_index(std::string index, IndexFunction values);
  void add_handler(ChangeHandler handler);

  // Called once, after the handlers of the first complete list.
  void add_sync_handler(std::function<void()> handler);

  // Null when there is none.
  kube::ObjectPtr get(const kube::ObjectKey& key) const;
  std::vector<kube::ObjectPtr> list() const;
  std::vector<kube::ObjectPtr> by_index(const std::string& index, const std::string& value) const;
  std::size_t size() const;
  // Whether a complete list has arrived and its handlers have run.
  bool synced() const;

  // For the writer, one thread.
  void upsert(kube::ObjectPtr object);
  void erase(const kube::ObjectKey& key);
  // Makes the cache hold exactly these; objects that are the same version change nothing.
  void replace(std::vector<kube::ObjectPtr> objects);

 private:
  struct Index {
    IndexFunction values;
    std::map<std::string, std::set<kube::ObjectKey>> keys;
  };
  Change put_locked(kube::ObjectPtr object);
  Change erase_locked(const kube::ObjectKey& key);
  void index_locked(const kube::ObjectKey& key, const nlohmann::json& object, bool present);
  void notify(const std::vector<Change>& changes) const;

  mutable std::mutex mutex_;
  std::map<kube::ObjectKey, kube::ObjectPtr> objects_;
  std::map<std::string, Index> indexes_;
  std::vector<ChangeHandler> handlers_;
  std::vector<std::function<void()>> sync_handlers_;
  bool synced_ = false;
};

// The usual indexes.
std::vector<std::string> index_by_controller_uid(const nlohmann::json& object);
std::vector<std::string> index_by_namespace(const nlohmann::json& object);

}  // namespace otlpipe::runtime
