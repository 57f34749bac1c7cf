#include "operator/runtime/event_series.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/time/duration.h"

namespace otlpipe::runtime {
namespace {

constexpr int kMaxAttempts = 3;
// Limits of the API: a longer value is refused as a whole.
constexpr std::size_t kMaxNote = 1024;
constexpr std::size_t kMaxName = 253;

// At most `limit` bytes and no half UTF-8 sequence at the end.
std::string clip(const std::string& text, std::size_t limit) {
  if (text.size() <= limit) return text;
  std::size_t end = limit - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "...";
}

std::string hex(std::uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

}  // namespace

bool EventBook::take_token(const std::string& uid, MonotonicTime now) {
  const auto [it, inserted] = buckets_.try_emplace(uid);
  Bucket& bucket = it->second;
  const double burst = options_.per_object_burst;
  if (inserted) {
    bucket = {burst, now};
  } else {
    const double seconds = std::chrono::duration<double>(now - bucket.filled).count();
    bucket = {std::min(burst, bucket.tokens + seconds * options_.per_object_rate), now};
  }
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

void EventBook::make_room(MonotonicTime now) {
  std::erase_if(series_, [&](const auto& entry) {
    return !entry.second.queued && now - entry.second.seen > options_.series_window;
  });
  const double burst = options_.per_object_burst;
  const Duration refill = std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(burst / std::max(options_.per_object_rate, 1e-6)));
  std::erase_if(buckets_, [&](const auto& entry) { return now - entry.second.filled > refill; });
  while (series_.size() >= options_.max_series) {
    auto oldest = series_.end();
    for (auto it = series_.begin(); it != series_.end(); ++it) {
      if (!it->second.queued && (oldest == series_.end() || it->second.seen < oldest->second.seen))
        oldest = it;
    }
    if (oldest == series_.end()) break;  // all are pending, which max_pending bounds
    series_.erase(oldest);
  }
  while (buckets_.size() >= options_.max_series) buckets_.erase(buckets_.begin());
}

bool EventBook::record(EventFacts facts, MonotonicTime now, WallTime wall, std::uint64_t chance) {
  auto it = series_.find(facts);
  if (it != series_.end() && !it->second.queued && now - it->second.seen > options_.series_window) {
    series_.erase(it);
    it = series_.end();
  }
  if (it == series_.end()) {
    if (pending_.size() >= options_.max_pending) return false;
    make_room(now);
    Series fresh;
    fresh.event_name = clip(facts.object.name, kMaxName - 17) + "." + hex(chance);
    fresh.first = wall;
    it = series_.emplace(facts, std::move(fresh)).first;
  }
  Series& series = it->second;
  ++series.count;
  series.last = wall;
  series.seen = now;
  if (series.queued) return true;  // rides on the write that waits
  if (pending_.size() >= options_.max_pending || !take_token(facts.uid, now)) return false;
  series.queued = true;
  series.attempts = 0;
  pending_.push_back(std::move(facts));
  return true;
}

std::optional<EventBook::Write> EventBook::next() {
  if (pending_.empty()) return std::nullopt;
  const EventFacts facts = std::move(pending_.front());
  pending_.pop_front();
  const Series& series = series_.at(facts);
  const std::string ns = facts.object.ns.empty() ? options_.fallback_namespace : facts.object.ns;
  return Write{facts, {ns, series.event_name}, !series.created, series.count, series.first, series.last};
}

void EventBook::finish(const EventFacts& facts, Written written) {
  const auto it = series_.find(facts);
  if (it == series_.end()) return;
  Series& series = it->second;
  series.queued = false;
  if (written == Written::kYes) {
    series.created = true;
    return;
  }
  // The server forgets events after an hour or so; then the series begins anew.
  if (written == Written::kGone) series.created = false;
  if (written == Written::kGiveUp || ++series.attempts >= kMaxAttempts) return;
  if (pending_.size() >= options_.max_pending) return;
  series.queued = true;
  pending_.push_back(facts);
}

nlohmann::json event_object(const EventBook::Write& write, const EventOptions& options) {
  const EventFacts& facts = write.facts;
  nlohmann::json event = {{"apiVersion", "events.k8s.io/v1"},
                          {"kind", "Event"},
                          {"metadata", {{"name", write.key.name}, {"namespace", write.key.ns}}},
                          {"eventTime", format_rfc3339_micro(write.first)},
                          {"reportingController", options.reporting_controller},
                          {"reportingInstance", clip(options.reporting_instance, 128)},
                          {"action", clip(facts.action, 128)},
                          {"reason", clip(facts.reason, 128)},
                          {"regarding",
                           {{"apiVersion", facts.api_version},
                            {"kind", facts.kind},
                            {"namespace", facts.object.ns},
                            {"name", facts.object.name},
                            {"uid", facts.uid},
                            {"resourceVersion", facts.resource_version}}},
                          {"note", clip(facts.message, kMaxNote)},
                          {"type", facts.type == EventType::kWarning ? "Warning" : "Normal"}};
  // A series of one is refused by the API.
  if (write.count > 1) event.update(event_patch(write));
  return event;
}

nlohmann::json event_patch(const EventBook::Write& write) {
  return {{"series", {{"count", write.count}, {"lastObservedTime", format_rfc3339_micro(write.last)}}}};
}

}  // namespace otlpipe::runtime
