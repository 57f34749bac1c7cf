#include "operator/control/flow.h"

#include <algorithm>

namespace otlpipe::control {
namespace {

constexpr Duration kBucket = std::chrono::seconds(1);
constexpr Duration kSilence = std::chrono::minutes(10);

bool shrank(const Flow& before, const Flow& after) {
  return after.received < before.received || after.sent < before.sent || after.refused < before.refused ||
         after.dropped < before.dropped;
}

Flow difference(const Flow& before, const Flow& after) {
  return {after.received - before.received, after.sent - before.sent, after.refused - before.refused,
          after.dropped - before.dropped};
}

}  // namespace

Flow& Flow::operator+=(const Flow& other) {
  received += other.received;
  sent += other.sent;
  refused += other.refused;
  dropped += other.dropped;
  return *this;
}

void FlowWindow::observe(const std::string& process, const Flow& total, Duration uptime, MonotonicTime now) {
  Flow gained;
  const auto found = last_.find(process);
  const bool known = found != last_.end();
  const bool started_anew = known && (shrank(found->second.total, total) || uptime < now - found->second.at);
  if (known && !started_anew) {
    gained = difference(found->second.total, total);
  } else if (started_anew || uptime <= kLength) {
    gained = total;
  }
  last_[process] = {total, now};
  prune(now);
  if (buckets_.empty() || now - buckets_.back().start >= kBucket) {
    buckets_.push_back({now, {}});
  }
  buckets_.back().flow += gained;
}

Flow FlowWindow::per_minute(MonotonicTime now) {
  prune(now);
  Flow sum;
  for (const Bucket& bucket : buckets_) {
    sum += bucket.flow;
  }
  return sum;
}

void FlowWindow::forget_silent(MonotonicTime now) {
  std::erase_if(last_, [&](const auto& entry) { return now - entry.second.at > kSilence; });
}

void FlowWindow::prune(MonotonicTime now) {
  while (!buckets_.empty() && now - buckets_.front().start > kLength) {
    buckets_.pop_front();
  }
}

}  // namespace otlpipe::control
