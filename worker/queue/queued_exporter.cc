#include "worker/queue/queued_exporter.h"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "worker/queue/log_limit.h"

namespace otlpipe::worker::queue {
namespace {

using data::Batch;
using data::Outcome;
using std::chrono::milliseconds;
using Kind = SendResult::Kind;

// Room that another core's instance frees is noticed this late.
constexpr milliseconds kBlockedPoll{20};
// What clients are told to wait when the queue stayed full.
constexpr milliseconds kComeBack{1'000};
// Batches are not cut smaller than this because of an earlier refusal.
constexpr std::size_t kSmallestLearned = 64u << 10;
constexpr std::chrono::minutes kLearnedFor{10};

class QueuedExporter final : public pipeline::Exporter, public std::enable_shared_from_this<QueuedExporter> {
 public:
  QueuedExporter(std::shared_ptr<const ExporterShared> shared, pipeline::CoreContext& core,
                 std::unique_ptr<Sender> sender)
      : shared_(std::move(shared)), core_(core), loop_(core.loop()), sender_(std::move(sender)) {}
  ~QueuedExporter() override { abandon(); }

  void consume(Batch batch) override;
  void adopt(Batch batch) override;
  void retire(std::shared_ptr<pipeline::Exporter> successor, std::function<void()> done) override;
  pipeline::Abandoned abandon() override;

 private:
  // A batch with its room in the budget.
  struct Entry {
    Batch batch;
    std::uint64_t items = 0;
    std::uint64_t bytes = 0;
    RetryState retry = {};
  };
  // One that occupies a slot: on the wire, or waiting for its next attempt.
  struct Sending {
    Entry entry;
    EventLoop::TimerId timer = EventLoop::kNoTimer;
    bool hurry = false;  // may go before the wait is over
  };
  struct Blocked {
    Batch batch;
    MonotonicTime deadline;
  };
  using Slot = std::map<std::uint64_t, Sending>::iterator;

  void enqueue(Batch batch);
  void enqueue_first(std::vector<Batch> batches, const RetryState& retry);
  bool make_room(const Batch& batch);
  void admit_blocked();
  void watch_blocked();
  void release(const Entry& entry) { shared_->budget->give_back(entry.items, entry.bytes); }

  void pump();
  void attempt(Slot slot);
  void on_result(std::uint64_t id, SendResult result);
  void on_retry(Slot slot, SendResult result);
  void cut_and_requeue(Slot slot, bool by_size, const SendResult& result);
  Entry free_slot(Slot slot);
  void finish(Entry entry, const Outcome& outcome);
  void wake_waiting();
  void settle();

  void count(const telemetry::SignalCounters& counter, const Batch& batch) {
    counter.add(batch.signal(), core_.index, batch.records());
  }
  void warn(LogLimit& limit, std::string_view message, const Batch& batch, const std::string& detail);

  const std::shared_ptr<const ExporterShared> shared_;
  pipeline::CoreContext& core_;
  EventLoop& loop_;
  std::unique_ptr<Sender> sender_;
  std::deque<Entry> queue_;
  std::deque<Blocked> blocked_;
  std::map<std::uint64_t, Sending> sending_;
  std::uint64_t next_id_ = 1;
  std::size_t waiting_ = 0;  // of sending_, those that wait for their next attempt
  bool pumping_ = false;
  EventLoop::TimerId blocked_timer_ = EventLoop::kNoTimer;
  std::size_t learned_max_bytes_ = 0;  // 0: none
  MonotonicTime learned_at_ = {};
  std::shared_ptr<pipeline::Exporter> successor_;
  bool retiring_ = false;
  std::shared_ptr<QueuedExporter> self_;  // while a retired instance got data from its own predecessor
  std::function<void()> retired_;
  LogLimit retry_log_, reject_log_, drop_log_, partial_log_;
};

void QueuedExporter::warn(LogLimit& limit, std::string_view message, const Batch& batch,
                          const std::string& detail) {
  if (const auto held_back = limit.pass(loop_.now())) {
    shared_->log.warn(message, {{"signal", to_string(batch.signal())},
                                {"records", batch.records()},
                                {"bytes", batch.bytes()},
                                {"error", detail},
                                {"similar_since_last", *held_back}});
  }
}

// ---- What comes in
// ------------------------------------------------------------------------------------------------

void QueuedExporter::consume(Batch batch) {
  if (batch.empty()) return;
  // Whoever waits for room comes first.
  if (blocked_.empty() && make_room(batch)) {
    enqueue(std::move(batch));
    return pump();
  }
  if (shared_->queue.overflow == Overflow::kBlock) {
    blocked_.push_back({std::move(batch), loop_.now() + shared_->queue.block_wait});
    return watch_blocked();
  }
  if (shared_->queue.acknowledge == Acknowledge::kOnEnqueue) {
    count(shared_->metrics.dropped, batch);
    warn(drop_log_, "queue full, data dropped", batch, "");
    return batch.resolve(Outcome::delivered());
  }
  count(shared_->metrics.refused, batch);
  batch.resolve(Outcome::retry("the queue of exporter " + shared_->name + " is full", kComeBack));
}

bool QueuedExporter::make_room(const Batch& batch) {
  while (!shared_->budget->try_take(batch.records(), batch.bytes())) {
    if (shared_->queue.overflow != Overflow::kDropOldest || queue_.empty()) return false;
    Entry oldest = std::move(queue_.front());
    queue_.pop_front();
    count(shared_->metrics.dropped, oldest.batch);
    warn(drop_log_, "queue full, oldest data dropped", oldest.batch, "");
    finish(std::move(oldest), Outcome::retry("dropped from a full queue", kComeBack));
  }
  return true;
}

void QueuedExporter::enqueue(Batch batch) {
  const std::uint64_t items = batch.records();
  const std::uint64_t bytes = batch.bytes();
  if (shared_->queue.acknowledge == Acknowledge::kOnEnqueue) batch.detach(Outcome::delivered());
  queue_.push_back({std::move(batch), items, bytes});
}

void QueuedExporter::adopt(Batch batch) {
  if (successor_) return successor_->adopt(std::move(batch));
  if (retiring_ && !retired_) self_ = shared_from_this();
  shared_->budget->take(batch.records(), batch.bytes());
  enqueue(std::move(batch));
  pump();
}

void QueuedExporter::enqueue_first(std::vector<Batch> batches, const RetryState& retry) {
  for (auto batch = batches.rbegin(); batch != batches.rend(); ++batch) {
    shared_->budget->take(batch->records(), batch->bytes());
    const std::uint64_t items = batch->records();
    const std::uint64_t bytes = batch->bytes();
    queue_.push_front({std::move(*batch), items, bytes, retry});
  }
}

void QueuedExporter::admit_blocked() {
  while (!blocked_.empty() &&
         shared_->budget->try_take(blocked_.front().batch.records(), blocked_.front().batch.bytes())) {
    Batch batch = std::move(blocked_.front().batch);
    blocked_.pop_front();
    enqueue(std::move(batch));
  }
}

void QueuedExporter::watch_blocked() {
  if (blocked_.empty() || blocked_timer_ != EventLoop::kNoTimer) return;
  blocked_timer_ = loop_.after(kBlockedPoll, [this] {
    blocked_timer_ = EventLoop::kNoTimer;
    admit_blocked();
    const MonotonicTime now = loop_.now();
    while (!blocked_.empty() && blocked_.front().deadline <= now) {
      Batch batch = std::move(blocked_.front().batch);
      blocked_.pop_front();
      count(shared_->metrics.refused, batch);
      batch.resolve(Outcome::retry("the queue of exporter " + shared_->name + " is full", kComeBack));
    }
    watch_blocked();
    pump();
  });
}

// ---- What goes out
// ------------------------------------------------------------------------------------------------

void QueuedExporter::pump() {
  if (pumping_) return;  // a sender answered from inside send; the outer loop goes on
  pumping_ = true;
  while (!queue_.empty() && sending_.size() < shared_->queue.concurrency) {
    Entry entry = std::move(queue_.front());
    queue_.pop_front();
    if (learned_max_bytes_ > 0 && entry.batch.bytes() > learned_max_bytes_ && entry.batch.records() > 1) {
      if (loop_.now() - learned_at_ > kLearnedFor) {
        learned_max_bytes_ = 0;
      } else {
        release(entry);
        std::vector<Batch> pieces = std::move(entry.batch).split({0, learned_max_bytes_});
        if (pieces.size() > 1) {
          enqueue_first(std::move(pieces), entry.retry);
          continue;
        }
        entry.batch = std::move(pieces.front());
        shared_->budget->take(entry.items, entry.bytes);
      }
    }
    attempt(sending_.emplace(next_id_++, Sending{std::move(entry)}).first);
  }
  pumping_ = false;
  settle();
}

void QueuedExporter::attempt(Slot slot) {
  sender_->send(slot->second.entry.batch, [self = weak_from_this(), id = slot->first](SendResult result) {
    if (const auto exporter = self.lock()) exporter->on_result(id, std::move(result));
  });
}

void QueuedExporter::on_result(std::uint64_t id, SendResult result) {
  const Slot slot = sending_.find(id);
  if (slot == sending_.end()) return;  // abandoned meanwhile
  const Batch& batch = slot->second.entry.batch;
  if (result.kind == Kind::kDelivered) {
    shared_->status->succeeded();
    const std::uint64_t lost = std::min(result.rejected, batch.records());
    shared_->metrics.sent.add(batch.signal(), core_.index, batch.records() - lost);
    if (lost > 0) {
      shared_->metrics.rejected.add(batch.signal(), core_.index, lost);
      warn(partial_log_, "the backend refused some records", batch, result.message);
    }
    finish(free_slot(slot), Outcome::partial(lost, std::move(result.message)));
    wake_waiting();
  } else if (result.kind == Kind::kRetry) {
    on_retry(slot, std::move(result));
  } else if (result.kind == Kind::kBadData && batch.parts().size() > 1) {
    cut_and_requeue(slot, false, result);
  } else if (result.kind == Kind::kTooLarge && batch.records() > 1) {
    cut_and_requeue(slot, true, result);
  } else if (result.kind == Kind::kTooLarge) {
    count(shared_->metrics.dropped, batch);
    warn(drop_log_, "a record that alone is too large for the backend was dropped", batch, result.message);
    finish(free_slot(slot),
           Outcome::rejected_for_good(Code::kInvalidArgument, "a record is too large: " + result.message));
  } else {
    shared_->status->failed(result.message);
    count(shared_->metrics.rejected, batch);
    warn(reject_log_, "the backend refused data for good", batch, result.message);
    const Code code = result.kind == Kind::kBadData ? Code::kInvalidArgument : result.code;
    finish(free_slot(slot), Outcome::rejected_for_good(code, std::move(result.message)));
  }
  admit_blocked();
  pump();
}

void QueuedExporter::on_retry(Slot slot, SendResult result) {
  shared_->status->failed(result.message);
  Sending& sending = slot->second;
  count(shared_->metrics.failed, sending.entry.batch);
  warn(retry_log_, "sending failed, will be tried again", sending.entry.batch, result.message);
  if (successor_) {
    Entry entry = free_slot(slot);
    release(entry);
    return successor_->adopt(std::move(entry.batch));
  }
  const auto wait =
      next_wait(shared_->retry, sending.entry.retry, loop_.now(), core_.random.uniform(), result.delay);
  if (!wait) {
    // Only what was acknowledged is lost; other clients still have their data.
    const auto& parts = sending.entry.batch.parts();
    const bool lost = std::any_of(parts.begin(), parts.end(), [](const data::Part& p) { return !p.ack; });
    count(lost ? shared_->metrics.dropped : shared_->metrics.refused, sending.entry.batch);
    warn(drop_log_, "gave up sending", sending.entry.batch, result.message);
    return finish(free_slot(slot), Outcome::retry(result.message, kComeBack));
  }
  sending.hurry = !result.delay;
  ++waiting_;
  sending.timer = loop_.after(*wait, [this, id = slot->first] {
    const Slot again = sending_.find(id);
    if (again == sending_.end()) return;
    again->second.timer = EventLoop::kNoTimer;
    --waiting_;
    attempt(again);
  });
}

void QueuedExporter::cut_and_requeue(Slot slot, bool by_size, const SendResult& result) {
  Entry entry = free_slot(slot);
  release(entry);
  if (by_size) {
    learned_max_bytes_ = std::max(entry.batch.bytes() / 2, kSmallestLearned);
    learned_at_ = loop_.now();
  }
  shared_->log.debug(
      "cutting a refused batch",
      {{"parts", entry.batch.parts().size()}, {"bytes", entry.batch.bytes()}, {"error", result.message}});
  std::vector<Batch> pieces;
  if (entry.batch.parts().size() > 1) {
    auto halves = std::move(entry.batch).bisect();
    pieces.push_back(std::move(halves.first));
    pieces.push_back(std::move(halves.second));
  } else {
    // Bounded by records as well: with headers as large as the limit the bytes alone would not make progress.
    const data::Limits half{(entry.batch.records() + 1) / 2, entry.batch.bytes() / 2};
    pieces = std::move(entry.batch).split(half);
  }
  if (successor_) {
    for (Batch& piece : pieces) successor_->adopt(std::move(piece));
  } else {
    enqueue_first(std::move(pieces), entry.retry);
  }
}

QueuedExporter::Entry QueuedExporter::free_slot(Slot slot) {
  Sending& sending = slot->second;
  if (sending.timer != EventLoop::kNoTimer) {
    loop_.cancel(sending.timer);
    --waiting_;
  }
  Entry entry = std::move(sending.entry);
  sending_.erase(slot);
  return entry;
}

void QueuedExporter::finish(Entry entry, const Outcome& outcome) {
  release(entry);
  entry.batch.resolve(outcome);
}

// The backend is back: whoever only backs off need not wait any longer.
void QueuedExporter::wake_waiting() {
  if (waiting_ == 0) return;
  std::vector<std::uint64_t> ready;
  for (auto& [id, sending] : sending_) {
    if (sending.timer == EventLoop::kNoTimer || !sending.hurry) continue;
    loop_.cancel(std::exchange(sending.timer, EventLoop::kNoTimer));
    --waiting_;
    ready.push_back(id);
  }
  for (const std::uint64_t id : ready) {
    const Slot slot = sending_.find(id);
    if (slot != sending_.end()) attempt(slot);
  }
}

// ---- The end
// ------------------------------------------------------------------------------------------------------

void QueuedExporter::retire(std::shared_ptr<pipeline::Exporter> successor, std::function<void()> done) {
  successor_ = std::move(successor);
  retiring_ = true;
  retired_ = std::move(done);
  if (successor_) {
    const auto hand_over = [&](Entry entry) {
      release(entry);
      successor_->adopt(std::move(entry.batch));
    };
    for (Slot slot = sending_.begin(); slot != sending_.end();) {
      const Slot next = std::next(slot);
      if (slot->second.timer != EventLoop::kNoTimer) hand_over(free_slot(slot));
      slot = next;
    }
    for (Entry& entry : std::exchange(queue_, {})) hand_over(std::move(entry));
    for (Blocked& blocked : std::exchange(blocked_, {})) successor_->adopt(std::move(blocked.batch));
  }
  pump();
}

void QueuedExporter::settle() {
  if (!retiring_ || !queue_.empty() || !blocked_.empty() || !sending_.empty()) return;
  // Posted, because whoever waits will destroy this exporter.
  if (retired_) loop_.post(std::exchange(retired_, nullptr));
  if (self_) loop_.post([self = std::move(self_)] {});
}

pipeline::Abandoned QueuedExporter::abandon() {
  pipeline::Abandoned total;
  const auto give_up = [&](Batch& batch) {
    for (const data::Part& part : batch.parts())
      (part.ack ? total.unacknowledged : total.acknowledged) += part.records;
    batch.resolve(Outcome::retry("the worker stopped", kComeBack));
  };
  loop_.cancel(std::exchange(blocked_timer_, EventLoop::kNoTimer));
  for (auto& [id, sending] : std::exchange(sending_, {})) {
    loop_.cancel(sending.timer);
    release(sending.entry);
    give_up(sending.entry.batch);
  }
  waiting_ = 0;
  for (Entry& entry : std::exchange(queue_, {})) {
    release(entry);
    give_up(entry.batch);
  }
  for (Blocked& blocked : std::exchange(blocked_, {})) give_up(blocked.batch);
  return total;
}

}  // namespace

std::shared_ptr<pipeline::Exporter> make_queued_exporter(std::shared_ptr<const ExporterShared> shared,
                                                         pipeline::CoreContext& core,
                                                         std::unique_ptr<Sender> sender) {
  return std::make_shared<QueuedExporter>(std::move(shared), core, std::move(sender));
}

}  // namespace otlpipe::worker::queue
