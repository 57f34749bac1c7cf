#include <charconv>
#include <utility>

#include "tests/support/kube/fake_client.h"
#include "tests/support/kube/fake_rules.h"

namespace otlpipe::kube::testing {
namespace {

using Json = nlohmann::json;

bool is_read(const std::string& verb) {
  return verb == "get" || verb == "list" || verb == "watch" || verb == "raw";
}

template <typename Options>
bool selected(const Json& object, const Options& options) {
  return !object.is_null() && (options.ns.empty() || name_space(object) == options.ns) &&
         matches_labels(object, options.label_selector) && matches_fields(object, options.field_selector);
}

std::int64_t number(const std::string& text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Error too_old() {
  return {Code::kOutOfRange, "The resourceVersion for the provided watch is too old.", "", Retry::backoff()};
}

// How a watch with a selector sees a change: an object that starts to match is new to it.
std::optional<WatchEventType> seen_as(WatchEventType type, bool before, bool after) {
  if (type == WatchEventType::kDeleted) return before ? std::optional(type) : std::nullopt;
  if (after) return before ? WatchEventType::kModified : WatchEventType::kAdded;
  return before ? std::optional(WatchEventType::kDeleted) : std::nullopt;
}

}  // namespace

Result<Json> FakeClient::list(const Resource& resource, const ListOptions& options) {
  if (auto error = enter({"list", resource, {options.ns, ""}, ""})) return fail(*error);
  const std::lock_guard lock(mutex_);
  Pages pages{version_, {}, 0};
  if (!options.continue_token.empty()) {
    const auto it = pages_.find(options.continue_token);
    if (it == pages_.end()) {
      return fail(Code::kOutOfRange,
                  "The provided continue parameter is too old to display a consistent list result.",
                  resource.plural, Retry::backoff());
    }
    pages = it->second;
  } else {
    for (const auto& [key, stored] : shelves_[shelf_name(resource)]) {
      if (!selected(stored.object, options)) continue;
      pages.items.push_back(stored.object);
      // As the real server does for its own kinds.
      pages.items.back().erase("kind");
      pages.items.back().erase("apiVersion");
    }
  }
  Json answer = {{"kind", resource.kind + "List"},
                 {"apiVersion", resource.api_version()},
                 {"metadata", {{"resourceVersion", std::to_string(pages.version)}}},
                 {"items", Json::array()}};
  while (pages.next < pages.items.size() &&
         (options.limit == 0 || answer["items"].size() < static_cast<std::size_t>(options.limit))) {
    answer["items"].push_back(pages.items[pages.next++]);
  }
  if (pages.next < pages.items.size()) {
    const std::string token =
        std::to_string(pages.version) + "-" + std::to_string(pages_.size() + pages.next);
    pages_[token] = std::move(pages);
    answer["metadata"]["continue"] = token;
  }
  return answer;
}

Status FakeClient::watch(const Resource& resource, const WatchOptions& options, const WatchCallback& on_event,
                         std::stop_token stop) {
  if (auto error = enter({"watch", resource, {options.ns, ""}, ""})) return fail(*error);
  const std::stop_callback on_stop(stop, [this] {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
  });
  std::unique_lock lock(mutex_);
  const std::int64_t epoch = watch_epoch_;
  std::int64_t bookmarks = bookmark_epoch_;
  std::int64_t cursor = number(options.resource_version);
  std::vector<std::pair<WatchEventType, Json>> ready;
  if (cursor == 0) {
    for (const auto& [key, stored] : shelves_[shelf_name(resource)]) {
      if (selected(stored.object, options)) ready.emplace_back(WatchEventType::kAdded, stored.object);
    }
    cursor = version_;
  }
  struct Opened {
    FakeClient& client;
    explicit Opened(FakeClient& fake) : client(fake) {
      ++client.open_watches_;
      client.changed_.notify_all();
    }
    ~Opened() { --client.open_watches_; }
  } opened(*this);
  for (;;) {
    if (cursor < oldest_) return fail(too_old());
    for (const Entry& entry : history_) {
      if (entry.version <= cursor || entry.resource != shelf_name(resource)) continue;
      const auto type = seen_as(entry.type, selected(entry.before, options), selected(entry.object, options));
      if (type) ready.emplace_back(*type, entry.object);
    }
    cursor = version_;
    if (options.bookmarks && bookmark_epoch_ != bookmarks) {
      bookmarks = bookmark_epoch_;
      ready.emplace_back(WatchEventType::kBookmark,
                         Json{{"kind", resource.kind},
                              {"apiVersion", resource.api_version()},
                              {"metadata", {{"resourceVersion", std::to_string(cursor)}}}});
    }
    if (!ready.empty()) {
      lock.unlock();
      for (auto& [type, object] : ready) {
        if (!stop.stop_requested()) on_event(type, std::move(object));
      }
      ready.clear();
      lock.lock();
      continue;
    }
    if (stop.stop_requested()) return fail(Code::kCancelled, "the watch was stopped", resource.plural);
    if (watch_epoch_ != epoch) {
      if (watch_error_) return fail(*watch_error_);
      return {};
    }
    changed_.wait(lock);
  }
}

void FakeClient::set_fault(std::function<std::optional<Error>(const Call&)> fault) {
  const std::lock_guard lock(mutex_);
  fault_ = std::move(fault);
}

Json FakeClient::peek(const Resource& resource, const ObjectKey& key) const {
  const std::lock_guard lock(mutex_);
  const auto shelf = shelves_.find(shelf_name(resource));
  if (shelf == shelves_.end()) return nullptr;
  const auto it = shelf->second.find(key);
  return it == shelf->second.end() ? Json(nullptr) : it->second.object;
}

std::vector<ObjectKey> FakeClient::keys(const Resource& resource) const {
  const std::lock_guard lock(mutex_);
  std::vector<ObjectKey> result;
  if (const auto shelf = shelves_.find(shelf_name(resource)); shelf != shelves_.end()) {
    for (const auto& [key, stored] : shelf->second) result.push_back(key);
  }
  return result;
}

std::vector<Call> FakeClient::calls(bool reads) const {
  const std::lock_guard lock(mutex_);
  std::vector<Call> result;
  for (const Call& call : calls_) {
    if (reads || !is_read(call.verb)) result.push_back(call);
  }
  return result;
}

void FakeClient::clear_calls() {
  const std::lock_guard lock(mutex_);
  calls_.clear();
}

void FakeClient::compact() {
  const std::lock_guard lock(mutex_);
  history_.clear();
  pages_.clear();
  oldest_ = ++version_;
  changed_.notify_all();
}

void FakeClient::end_watches() {
  const std::lock_guard lock(mutex_);
  watch_error_.reset();
  ++watch_epoch_;
  changed_.notify_all();
}

void FakeClient::fail_watches(Error error) {
  const std::lock_guard lock(mutex_);
  watch_error_ = std::move(error);
  ++watch_epoch_;
  changed_.notify_all();
}

void FakeClient::send_bookmarks() {
  const std::lock_guard lock(mutex_);
  ++bookmark_epoch_;
  changed_.notify_all();
}

std::size_t FakeClient::open_watches() const {
  const std::lock_guard lock(mutex_);
  return open_watches_;
}

void FakeClient::await_watches(std::size_t count) const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return open_watches_ >= count; });
}

void FakeClient::set_now(std::string rfc3339) {
  const std::lock_guard lock(mutex_);
  now_ = std::move(rfc3339);
}

}  // namespace otlpipe::kube::testing
