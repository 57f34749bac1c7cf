#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "common/time/clock.h"
#include "operator/kube/object.h"
#include "operator/runtime/events.h"

namespace otlpipe::runtime {

// What makes two events the same.
struct EventFacts {
  kube::ObjectKey object;
  std::string uid;
  std::string kind;
  std::string api_version;
  std::string resource_version;  // does not count
  EventType type = EventType::kNormal;
  std::string reason;
  std::string action;
  std::string message;

  auto identity() const { return std::tie(object, uid, kind, type, reason, action, message); }
  bool operator<(const EventFacts& other) const { return identity() < other.identity(); }
};

// The bookkeeping of events, without I/O: which are the same, which are too many, which wait to be written.
// Not thread safe. Bounded by EventOptions in every direction.
class EventBook {
 public:
  explicit EventBook(const EventOptions& options) : options_(options) {}

  // False when the event was dropped: too many pending, or too many about that object.
  bool record(EventFacts facts, MonotonicTime now, WallTime wall, std::uint64_t chance);

  // The next request to make, if any; finish() must follow.
  struct Write {
    EventFacts facts;
    kube::ObjectKey key;  // of the Event object
    bool create = true;   // false: raise the series count
    std::int64_t count = 1;
    WallTime first{};
    WallTime last{};
  };
  std::optional<Write> next();

  enum class Written { kYes, kGone, kTryAgain, kGiveUp };
  void finish(const EventFacts& facts, Written written);

  std::size_t pending() const { return pending_.size(); }
  std::size_t series() const { return series_.size(); }

 private:
  struct Series {
    std::string event_name;
    std::int64_t count = 0;
    WallTime first{};
    WallTime last{};
    MonotonicTime seen{};
    bool created = false;
    bool queued = false;
    int attempts = 0;
  };
  struct Bucket {
    double tokens = 0;
    MonotonicTime filled{};
  };
  bool take_token(const std::string& uid, MonotonicTime now);
  void make_room(MonotonicTime now);

  const EventOptions options_;
  std::map<EventFacts, Series> series_;
  std::map<std::string, Bucket> buckets_;
  std::deque<EventFacts> pending_;
};

// The events.k8s.io/v1 object of a new event, and the merge patch that continues one.
nlohmann::json event_object(const EventBook::Write& write, const EventOptions& options);
nlohmann::json event_patch(const EventBook::Write& write);

}  // namespace otlpipe::runtime
