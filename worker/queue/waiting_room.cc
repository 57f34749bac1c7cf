#include "worker/queue/waiting_room.h"

#include <utility>

namespace otlpipe::worker::queue {
namespace {

using data::Batch;
using data::Outcome;
using std::chrono::milliseconds;

// Room that another core's instance frees is noticed this late.
constexpr milliseconds kBlockedPoll{20};

}  // namespace

void WaitingRoom::offer(Batch batch) {
  const QueueOptions& options = reporter_.shared().queue;
  // Whoever waits for room comes first.
  if (blocked_.empty() && make_room(batch)) return enqueue(std::move(batch));
  if (options.overflow == Overflow::kBlock) {
    blocked_.push_back({std::move(batch), loop_.now() + options.block_wait});
    return watch_blocked();
  }
  if (options.acknowledge == Acknowledge::kOnDelivery) return refuse(std::move(batch));
  reporter_.count(reporter_.metrics().dropped, batch);
  reporter_.warn(drop_log_, "queue full, data dropped", batch);
  batch.resolve(Outcome::delivered());
}

bool WaitingRoom::make_room(const Batch& batch) {
  const ExporterShared& shared = reporter_.shared();
  // What is larger than the whole queue would not fit even after everything else was dropped.
  const bool too_large = batch.records() > shared.queue.max_items || batch.bytes() > shared.queue.max_bytes;
  while (!shared.budget->try_take(batch.records(), batch.bytes())) {
    if (shared.queue.overflow != Overflow::kDropOldest || too_large || queue_.empty()) return false;
    Entry oldest = next();
    reporter_.count(reporter_.metrics().dropped, oldest.batch);
    reporter_.warn(drop_log_, "queue full, oldest data dropped", oldest.batch);
    shared.budget->give_back(oldest.items, oldest.bytes);
    oldest.batch.resolve(Outcome::retry("dropped from a full queue", kComeBack));
  }
  return true;
}

void WaitingRoom::enqueue(Batch batch) {
  const std::uint64_t items = batch.records();
  const std::uint64_t bytes = batch.bytes();
  if (reporter_.shared().queue.acknowledge == Acknowledge::kOnEnqueue) batch.detach(Outcome::delivered());
  queue_.push_back({std::move(batch), items, bytes});
}

void WaitingRoom::adopt(Batch batch) {
  reporter_.shared().budget->take(batch.records(), batch.bytes());
  enqueue(std::move(batch));
}

void WaitingRoom::put_first(std::vector<Batch> batches, const RetryState& retry) {
  for (auto batch = batches.rbegin(); batch != batches.rend(); ++batch) {
    const std::uint64_t items = batch->records();
    const std::uint64_t bytes = batch->bytes();
    reporter_.shared().budget->take(items, bytes);
    queue_.push_front({std::move(*batch), items, bytes, retry});
  }
}

Entry WaitingRoom::next() {
  Entry entry = std::move(queue_.front());
  queue_.pop_front();
  return entry;
}

void WaitingRoom::leave(const Entry& entry) {
  reporter_.shared().budget->give_back(entry.items, entry.bytes);
  admit_blocked();
}

void WaitingRoom::refuse(Batch batch) {
  reporter_.count(reporter_.metrics().refused, batch);
  batch.resolve(Outcome::retry("the queue of exporter " + reporter_.shared().name + " is full", kComeBack));
}

void WaitingRoom::admit_blocked() {
  while (!blocked_.empty() && make_room(blocked_.front().batch)) {
    Batch batch = std::move(blocked_.front().batch);
    blocked_.pop_front();
    enqueue(std::move(batch));
  }
}

void WaitingRoom::watch_blocked() {
  if (blocked_.empty() || timer_ != EventLoop::kNoTimer) return;
  timer_ = loop_.after(kBlockedPoll, [this] {
    timer_ = EventLoop::kNoTimer;
    admit_blocked();
    const MonotonicTime now = loop_.now();
    while (!blocked_.empty() && blocked_.front().deadline <= now) {
      Batch batch = std::move(blocked_.front().batch);
      blocked_.pop_front();
      refuse(std::move(batch));
    }
    watch_blocked();
    admitted_();
  });
}

std::vector<Batch> WaitingRoom::clear() {
  std::vector<Batch> all;
  for (Entry& entry : std::exchange(queue_, {})) {
    reporter_.shared().budget->give_back(entry.items, entry.bytes);
    all.push_back(std::move(entry.batch));
  }
  for (Blocked& blocked : std::exchange(blocked_, {})) all.push_back(std::move(blocked.batch));
  loop_.cancel(std::exchange(timer_, EventLoop::kNoTimer));
  return all;
}

}  // namespace otlpipe::worker::queue
