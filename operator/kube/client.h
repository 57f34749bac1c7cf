#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "common/base/result.h"
#include "common/time/clock.h"
#include "operator/kube/object.h"

namespace otlpipe::kube {

inline constexpr std::string_view kFieldManager = "otlpipe-operator";

struct ListOptions {
  std::string ns = {};  // empty: all namespaces, or a cluster-scoped kind
  std::string label_selector = {};
  std::string field_selector = {};
  std::string resource_version = {};        // "" reads from the quorum, "0" whatever the server has at hand
  std::string resource_version_match = {};  // "", "Exact" or "NotOlderThan"
  std::string continue_token = {};          // of the page before
  int limit = 500;                          // objects a page; 0: all at once
};

struct WatchOptions {
  std::string ns = {};
  std::string label_selector = {};
  std::string field_selector = {};
  std::string resource_version = {};  // the watch shows what came after it
  bool bookmarks = true;
  std::chrono::seconds timeout{300};       // when the server is asked to end the watch
  std::chrono::seconds idle_timeout{330};  // a connection that stays silent for longer counts as dead
};

struct ApplyOptions {
  std::string field_manager{kFieldManager};
  bool force = true;             // take fields that another manager owns; false: such a conflict is kAborted
  std::string subresource = {};  // "status" or empty
  bool dry_run = false;
};

struct DeleteOptions {
  std::string uid = {};                           // delete only this incarnation; another one is kAborted
  std::string resource_version = {};              // delete only this version; another one is kAborted
  std::string propagation_policy = "Background";  // Background | Foreground | Orphan
};

enum class WatchEventType { kAdded, kModified, kDeleted, kBookmark };
using WatchCallback = std::function<void(WatchEventType, nlohmann::json&& object)>;

// The verbs of the Kubernetes API. Thread safe; each call blocks its own thread until the answer or a
// time-out. Objects go in and come out as JSON. An error's `where` is the verb and URL; its code is that of
// status.h: kNotFound, kAlreadyExists, kAborted (conflict), kOutOfRange (410, the resource version is too
// old), kPermissionDenied, kUnauthenticated, kInvalidArgument (with the field paths), kResourceExhausted,
// kUnavailable, kDeadlineExceeded, kCancelled. Retry::after carries the server's Retry-After.
class Client {
 public:
  virtual ~Client() = default;

  virtual Result<nlohmann::json> get(const Resource& resource, const ObjectKey& key) = 0;

  // One page, as the server's List object: `items`, `metadata.resourceVersion`, `metadata.continue`.
  virtual Result<nlohmann::json> list(const Resource& resource, const ListOptions& options) = 0;

  // Namespace and name come from the object's metadata, here and below.
  virtual Result<nlohmann::json> create(const Resource& resource, const nlohmann::json& object) = 0;

  // Server-side apply: `object` is everything that this manager wants, with apiVersion, kind and
  // metadata.name. It must not carry managedFields or a resourceVersion (unless that is meant as a
  // precondition).
  virtual Result<nlohmann::json> apply(const Resource& resource, const nlohmann::json& object,
                                       const ApplyOptions& options) = 0;

  // Replaces the object if its resourceVersion is still the one in `object`; kAborted otherwise.
  virtual Result<nlohmann::json> update(const Resource& resource, const nlohmann::json& object) = 0;

  // JSON merge patch (RFC 7386). `subresource` is empty or "status" or the like.
  virtual Result<nlohmann::json> patch(const Resource& resource, const ObjectKey& key,
                                       const nlohmann::json& merge_patch, std::string_view subresource) = 0;

  virtual Status remove(const Resource& resource, const ObjectKey& key, const DeleteOptions& options) = 0;

  // Calls back on this thread for each event until the server ends the watch (then the result is success), it
  // fails or `stop` is requested (kCancelled, at once, from any thread).
  virtual Status watch(const Resource& resource, const WatchOptions& options, const WatchCallback& on_event,
                       std::stop_token stop) = 0;

  // GET of any path ("/version", "/apis").
  virtual Result<nlohmann::json> get_raw(std::string_view path) = 0;
};

}  // namespace otlpipe::kube
