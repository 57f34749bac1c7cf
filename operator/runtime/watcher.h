#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/error.h"
#include "common/time/clock.h"
#include "operator/kube/object.h"

namespace otlpipe::runtime {

// List and watch as a state machine over values: no I/O, no time, no chance inside. The edge (informer.h)
// carries out the one request of each step and feeds its outcome back. After Kubernetes, "API concepts:
// efficient detection of changes": list in pages, watch from the list's resource version, follow bookmarks,
// list again on 410.

struct WatcherOptions {
  int page_size = 500;
  std::chrono::seconds watch_timeout{300};  // the server ends the watch after 1 to 2 times this, by jitter
  Duration initial_backoff = std::chrono::milliseconds(800);
  Duration max_backoff = std::chrono::seconds(30);
  // A watch that ends by itself sooner counts as a failure, so that a server that hangs up at once is not
  // hammered.
  Duration shortest_watch = std::chrono::seconds(1);
};

// --- states ---
struct Start {};
struct Listing {
  std::vector<kube::ObjectPtr> so_far;  // pages are delivered together, when the list is complete
  bool paged = true;                    // false after a page expired: all at once, which cannot expire
  std::string resource_version = {};    // of the first page
};
struct Watching {
  std::string resource_version;
};
struct Waiting {
  std::string resource_version;  // where to go on watching; empty: list again
  bool paged = true;
};
struct WatcherState {
  std::variant<Start, Listing, Watching, Waiting> phase = Start{};
  int failures = 0;           // in a row
  bool listed_again = false;  // because the history was gone, and no event or quiet end of a watch since
};

// --- what happened ---
struct Begin {};
struct PageListed {
  std::vector<kube::ObjectPtr> items;
  std::string resource_version;
  std::string continue_token;  // empty: that was the last page
};
struct ListFailed {
  Error error;
};
struct ObjectChanged {
  kube::ObjectPtr object;
  bool deleted;
};
struct BookmarkSeen {
  std::string resource_version;
};
struct WatchEnded {
  Duration lived;
};
struct WatchFailed {
  Error error;
};
struct WaitOver {};
using WatcherInput = std::variant<Begin, PageListed, ListFailed, ObjectChanged, BookmarkSeen, WatchEnded,
                                  WatchFailed, WaitOver>;

// --- what to do: changes of the cache, then at most one request ---
struct ReplaceAll {
  std::vector<kube::ObjectPtr> objects;
};
struct Upsert {
  kube::ObjectPtr object;
};
struct Erase {
  kube::ObjectKey key;
};
struct RequestPage {
  std::string continue_token;
  int limit;  // 0: everything
};
struct OpenWatch {
  std::string resource_version;
  std::chrono::seconds timeout;
};
struct Wait {
  Duration delay;
};
using WatcherAction = std::variant<ReplaceAll, Upsert, Erase, RequestPage, OpenWatch, Wait>;

// The next state and what to do. `chance` is one number of [0, 1) for jitter. An input that does not fit the
// state (a late event of a watch that has ended) changes nothing.
std::vector<WatcherAction> step(WatcherState& state, WatcherInput input, const WatcherOptions& options,
                                double chance);

// "start", "listing", "watching" or "waiting".
std::string_view phase_name(const WatcherState& state);

}  // namespace otlpipe::runtime
