#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "operator/kube/client.h"
#include "tests/support/kube/field_ownership.h"

namespace otlpipe::kube::testing {

// One call as the fake saw it. `verb` is get, list, create, apply, update, patch, delete, watch or raw.
struct Call {
  std::string verb;
  Resource resource;
  ObjectKey key;
  std::string subresource;
  nlohmann::json object = {};  // what was sent
};

// An API server in memory: resource versions, generations, paged lists, watches with history and 410,
// server-side apply with field ownership, optimistic concurrency, finalizers, deletion and garbage collection
// by owner. It passes the same contract suite as the real client against a real server. Thread safe. No
// schema: objects are taken as they are. Time stands still ("2026-01-01T00:00:00Z") unless set_now() says
// otherwise.
class FakeClient final : public Client {
 public:
  FakeClient();
  ~FakeClient() override;

  Result<nlohmann::json> get(const Resource& resource, const ObjectKey& key) override;
  Result<nlohmann::json> list(const Resource& resource, const ListOptions& options) override;
  Result<nlohmann::json> create(const Resource& resource, const nlohmann::json& object) override;
  Result<nlohmann::json> apply(const Resource& resource, const nlohmann::json& object,
                               const ApplyOptions& options) override;
  Result<nlohmann::json> update(const Resource& resource, const nlohmann::json& object) override;
  Result<nlohmann::json> patch(const Resource& resource, const ObjectKey& key,
                               const nlohmann::json& merge_patch, std::string_view subresource) override;
  Status remove(const Resource& resource, const ObjectKey& key, const DeleteOptions& options) override;
  // Ends only on `stop`, end_watches() or fail_watches(); the server's time-out is not modelled.
  Status watch(const Resource& resource, const WatchOptions& options, const WatchCallback& on_event,
               std::stop_token stop) override;
  Result<nlohmann::json> get_raw(std::string_view path) override;

  // --- what tests do to it ---

  // Asked before each call; an error is the call's result. Without the lock held, so it may call back.
  void set_fault(std::function<std::optional<Error>(const Call&)> fault);
  // Changes an object like another client would ("kubectl"), or makes it if it is missing. The whole object,
  // status too. Returns what is stored.
  nlohmann::json edit(const Resource& resource, const ObjectKey& key,
                      const std::function<void(nlohmann::json&)>& change,
                      const std::string& manager = "kubectl");
  // The object as it is, or null.
  nlohmann::json peek(const Resource& resource, const ObjectKey& key) const;
  std::vector<ObjectKey> keys(const Resource& resource) const;
  // The calls so far, without reads (get, list, watch, raw) unless asked for.
  std::vector<Call> calls(bool reads = false) const;
  void clear_calls();

  void compact();  // forgets the history: watches from before and continue tokens get 410
  void end_watches();
  void fail_watches(Error error);
  void send_bookmarks();
  std::size_t open_watches() const;
  void await_watches(std::size_t count) const;  // blocks until that many are open
  void set_now(std::string rfc3339);

 private:
  struct Stored {
    nlohmann::json object;
    Ownership ownership;
  };
  struct Entry {
    std::int64_t version;
    std::string resource;
    WatchEventType type;
    nlohmann::json object;
    nlohmann::json before;  // what a selector compares with; null for a new object
  };
  struct Pages {
    std::int64_t version;
    std::vector<nlohmann::json> items;
    std::size_t next;
  };
  using Shelf = std::map<ObjectKey, Stored>;

  std::optional<Error> enter(Call call);
  Stored* find_locked(const Resource& resource, const ObjectKey& key);
  Result<nlohmann::json> insert_locked(const Resource& resource, nlohmann::json object, Ownership ownership);
  nlohmann::json commit_locked(const Resource& resource, Stored& stored, nlohmann::json next);
  void erase_locked(const Resource& resource, const ObjectKey& key);
  void collect_garbage_locked(const std::string& owner_uid);
  void record_locked(const Resource& resource, WatchEventType type, const nlohmann::json& object,
                     const nlohmann::json& before);
  Result<nlohmann::json> write(const Resource& resource, const nlohmann::json& wanted,
                               std::string_view subresource, const std::string& manager,
                               const nlohmann::json& patch);

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::map<std::string, Shelf> shelves_;
  std::map<std::string, Resource> resources_;
  std::deque<Entry> history_;
  std::map<std::string, Pages> pages_;
  std::vector<Call> calls_;
  std::function<std::optional<Error>(const Call&)> fault_;
  std::string now_ = "2026-01-01T00:00:00Z";
  std::int64_t version_ = 100;
  std::int64_t oldest_ = 100;  // history starts after this version
  std::int64_t next_uid_ = 1;
  std::int64_t watch_epoch_ = 0;  // raised to end the open watches
  std::int64_t bookmark_epoch_ = 0;
  std::optional<Error> watch_error_;
  std::size_t open_watches_ = 0;
};

}  // namespace otlpipe::kube::testing
