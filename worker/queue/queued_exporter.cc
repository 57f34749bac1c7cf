#include "worker/queue/queued_exporter.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "worker/queue/reporter.h"
#include "worker/queue/waiting_room.h"

namespace otlpipe::worker::queue {
namespace {

using data::Batch;
using data::Outcome;
using std::chrono::milliseconds;
using Kind = SendResult::Kind;

// Batches are not cut smaller than this because of an earlier refusal, nor longer than that after it.
constexpr std::size_t kSmallestLearned = 64u << 10;
constexpr std::chrono::minutes kLearnedFor{10};

// Whether a refusal can come from bytes that the backend could not read; servers call that by several names.
bool may_be_unreadable(const SendResult& result) {
  return result.kind == Kind::kBadData || (result.kind == Kind::kRejected &&
                                           (result.code == Code::kInternal || result.code == Code::kUnknown));
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::uint32_t lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80                    ? 1U
                               : lead >= 0xc2 && lead <= 0xdf ? 2U
                               : (lead & 0xf0) == 0xe0        ? 3U
                               : lead >= 0xf0 && lead <= 0xf4 ? 4U
                                                              : 0U;
    if (length == 0 || length > text.size() - i) return false;
    std::uint32_t point = length == 1 ? lead : lead & (0x7fU >> length);
    for (std::size_t k = 1; k < length; ++k) {
      const std::uint32_t next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xc0) != 0x80) return false;
      point = point << 6 | (next & 0x3f);
    }
    if (length == 3 && (point < 0x800 || (point >= 0xd800 && point <= 0xdfff))) return false;
    if (length == 4 && (point < 0x10000 || point > 0x10ffff)) return false;
    i += length;
  }
  return true;
}

// What a backend says may be in any encoding, or cut in the middle of a character. It goes on into Protobuf
// strings, which peers refuse to parse when they are not UTF-8, and into JSON.
std::string readable(std::string text) {
  if (is_utf8(text)) return text;
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return text;
}

class QueuedExporter final : public pipeline::Exporter, public std::enable_shared_from_this<QueuedExporter> {
 public:
  QueuedExporter(std::shared_ptr<const ExporterShared> shared, pipeline::CoreContext& core,
                 std::unique_ptr<Sender> sender)
      : shared_(std::move(shared)),
        core_(core),
        loop_(core.loop()),
        reporter_(shared_, core.index, loop_),
        waiting_room_(reporter_, loop_, [this] { pump(); }),
        sender_(std::move(sender)) {}
  ~QueuedExporter() override { abandon(); }

  void consume(Batch batch) override {
    if (abandoned_) return batch.resolve(Outcome::retry("the worker stopped", kComeBack));
    drop_foreign_form(batch);
    if (!batch.empty()) waiting_room_.offer(std::move(batch));
    pump();
  }
  void adopt(Batch batch) override;
  void retire(std::shared_ptr<pipeline::Exporter> successor, std::function<void()> done) override;
  pipeline::Abandoned abandon() override;

 private:
  // A compressed form that only another exporter can send would hold memory for nothing.
  void drop_foreign_form(Batch& batch) const {
    if (batch.packed().compression != sender_->compression()) batch.set_packed({});
  }

  // What occupies a slot: an entry on the wire, or waiting for its next attempt.
  struct Sending {
    Entry entry;
    EventLoop::TimerId timer = EventLoop::kNoTimer;
    bool hurry = false;  // may go before the wait is over
  };
  using Slot = std::map<std::uint64_t, Sending>::iterator;

  void pump();
  bool cut_to_learned_limit(Entry& entry);
  void attempt(Slot slot);
  void on_result(std::uint64_t id, SendResult result);
  void on_delivered(Slot slot, SendResult result);
  void on_retry(Slot slot, SendResult result);
  void on_refused(Slot slot, SendResult result);
  void give_up_retrying(Slot slot, const std::string& reason);
  void cut_and_requeue(Slot slot, bool by_size, const SendResult& result);
  Entry free_slot(Slot slot);
  void finish(Slot slot, const Outcome& outcome);
  void wake_waiting();
  void settle();

  const std::shared_ptr<const ExporterShared> shared_;
  pipeline::CoreContext& core_;
  EventLoop& loop_;
  const Reporter reporter_;
  WaitingRoom waiting_room_;
  std::unique_ptr<Sender> sender_;
  std::map<std::uint64_t, Sending> sending_;
  std::uint64_t next_id_ = 1;
  std::size_t backing_off_ = 0;  // of sending_, those that wait for their next attempt
  bool pumping_ = false;
  std::size_t learned_max_bytes_ = 0;  // 0: none
  MonotonicTime learned_at_ = {};
  std::shared_ptr<pipeline::Exporter> successor_;
  bool retiring_ = false;
  bool abandoned_ = false;
  std::shared_ptr<QueuedExporter> self_;  // while a retired instance got data from its own predecessor
  std::function<void()> retired_;
  LogLimit retry_log_, reject_log_, recovery_log_, drop_log_, partial_log_;
};

// ---- Sending ----

void QueuedExporter::pump() {
  if (pumping_) return;  // a sender answered from inside send; the outer loop goes on
  pumping_ = true;
  while (waiting_room_.has_next() && sending_.size() < shared_->queue.concurrency) {
    Entry entry = waiting_room_.next();
    if (cut_to_learned_limit(entry)) continue;
    attempt(sending_.emplace(next_id_++, Sending{std::move(entry)}).first);
  }
  pumping_ = false;
  settle();
}

// Whether the entry went back as smaller ones.
bool QueuedExporter::cut_to_learned_limit(Entry& entry) {
  if (learned_max_bytes_ == 0 || entry.batch.bytes() <= learned_max_bytes_ || entry.batch.records() <= 1)
    return false;
  if (loop_.now() - learned_at_ > kLearnedFor) {
    learned_max_bytes_ = 0;
    return false;
  }
  std::vector<Batch> pieces = std::move(entry.batch).split({0, learned_max_bytes_});
  if (pieces.size() == 1) {
    entry.batch = std::move(pieces.front());
    return false;
  }
  // The pieces take their room before the whole gives its own back, so that nobody slips in between.
  waiting_room_.put_first(std::move(pieces), entry.retry);
  waiting_room_.leave(entry);
  return true;
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
  result.message = readable(std::move(result.message));
  if (result.kind == Kind::kDelivered) {
    on_delivered(slot, std::move(result));
  } else if (result.kind == Kind::kRetry) {
    on_retry(slot, std::move(result));
  } else if (batch.packed().compression != compression::Compression::kNone && may_be_unreadable(result)) {
    // The backend may not have been able to read how the sender had compressed it: once more in our own way.
    reporter_.warn(retry_log_,
                   "a compressed request that was sent on as it came was refused, it goes once more", batch,
                   result.message);
    slot->second.entry.batch.set_packed({});
    attempt(slot);
  } else if (result.kind == Kind::kBadData && batch.parts().size() > 1) {
    cut_and_requeue(slot, false, result);
  } else if (result.kind == Kind::kTooLarge && batch.records() > 1) {
    cut_and_requeue(slot, true, result);
  } else {
    on_refused(slot, std::move(result));
  }
  pump();
}

void QueuedExporter::on_delivered(Slot slot, SendResult result) {
  const Batch& batch = slot->second.entry.batch;
  const std::uint64_t lost = std::min(result.rejected, batch.records());
  if (shared_->status->succeeded() && recovery_log_.pass(loop_.now()))
    shared_->log.info("the backend takes data again");
  reporter_.count(shared_->metrics.sent, batch, batch.records() - lost);
  if (lost > 0) {
    reporter_.count(shared_->metrics.rejected, batch, lost);
    reporter_.warn(partial_log_, "the backend refused some records", batch, result.message);
  }
  finish(slot, Outcome::partial(lost, std::move(result.message)));
  wake_waiting();
}

// Nothing can be cut any more.
void QueuedExporter::on_refused(Slot slot, SendResult result) {
  const Batch& batch = slot->second.entry.batch;
  if (result.kind == Kind::kTooLarge) {
    reporter_.count(shared_->metrics.dropped, batch);
    reporter_.warn(drop_log_, "a record that alone is too large for the backend was dropped", batch,
                   result.message);
    return finish(
        slot, Outcome::rejected_for_good(Code::kInvalidArgument, "a record is too large: " + result.message));
  }
  shared_->status->failed(result.message);
  reporter_.count(shared_->metrics.rejected, batch);
  reporter_.warn(reject_log_, "the backend refused data for good", batch, result.message);
  const Code code = result.kind == Kind::kBadData ? Code::kInvalidArgument : result.code;
  finish(slot, Outcome::rejected_for_good(code, std::move(result.message)));
}

// ---- Trying again ----

void QueuedExporter::on_retry(Slot slot, SendResult result) {
  Sending& sending = slot->second;
  shared_->status->failed(result.message);
  reporter_.count(shared_->metrics.failed, sending.entry.batch);
  reporter_.warn(retry_log_, "sending failed, will be tried again", sending.entry.batch, result.message);
  if (successor_) {
    Entry entry = free_slot(slot);
    waiting_room_.leave(entry);
    return successor_->adopt(std::move(entry.batch));
  }
  const auto wait =
      next_wait(shared_->retry, sending.entry.retry, loop_.now(), core_.random.uniform(), result.delay);
  if (!wait) return give_up_retrying(slot, result.message);
  sending.hurry = !result.delay;
  ++backing_off_;
  sending.timer = loop_.after(*wait, [this, id = slot->first] {
    const Slot again = sending_.find(id);
    if (again == sending_.end()) return;
    again->second.timer = EventLoop::kNoTimer;
    --backing_off_;
    attempt(again);
  });
}

void QueuedExporter::give_up_retrying(Slot slot, const std::string& reason) {
  // Only what was acknowledged is lost; other clients still have their data.
  const Batch& batch = slot->second.entry.batch;
  const bool lost = std::any_of(batch.parts().begin(), batch.parts().end(),
                                [](const data::Part& part) { return !part.ack; });
  reporter_.count(lost ? shared_->metrics.dropped : shared_->metrics.refused, batch);
  reporter_.warn(drop_log_, "gave up sending", batch, reason);
  finish(slot, Outcome::retry(reason, kComeBack));
}

// The backend is back: whoever only backs off need not wait any longer.
void QueuedExporter::wake_waiting() {
  if (backing_off_ == 0) return;
  std::vector<std::uint64_t> ready;
  for (auto& [id, sending] : sending_) {
    if (sending.timer == EventLoop::kNoTimer || !sending.hurry) continue;
    loop_.cancel(std::exchange(sending.timer, EventLoop::kNoTimer));
    --backing_off_;
    ready.push_back(id);
  }
  for (const std::uint64_t id : ready) {
    const Slot slot = sending_.find(id);
    if (slot != sending_.end()) attempt(slot);
  }
}

void QueuedExporter::cut_and_requeue(Slot slot, bool by_size, const SendResult& result) {
  Entry entry = free_slot(slot);
  Batch& batch = entry.batch;
  if (by_size) {
    learned_max_bytes_ = std::max(batch.bytes() / 2, kSmallestLearned);
    learned_at_ = loop_.now();
  }
  shared_->log.debug("cutting a refused batch",
                     {{"parts", batch.parts().size()}, {"bytes", batch.bytes()}, {"error", result.message}});
  std::vector<Batch> pieces;
  if (batch.parts().size() > 1) {
    auto halves = std::move(batch).bisect();
    pieces.push_back(std::move(halves.first));
    pieces.push_back(std::move(halves.second));
  } else {
    // Bounded by records as well: with headers as large as the limit the bytes alone would not make progress.
    const data::Limits half{(batch.records() + 1) / 2, batch.bytes() / 2};
    pieces = std::move(batch).split(half);
  }
  if (successor_) {
    for (Batch& piece : pieces) successor_->adopt(std::move(piece));
  } else {
    waiting_room_.put_first(std::move(pieces), entry.retry);
  }
  waiting_room_.leave(entry);
}

Entry QueuedExporter::free_slot(Slot slot) {
  if (slot->second.timer != EventLoop::kNoTimer) {
    loop_.cancel(slot->second.timer);
    --backing_off_;
  }
  Entry entry = std::move(slot->second.entry);
  sending_.erase(slot);
  return entry;
}

void QueuedExporter::finish(Slot slot, const Outcome& outcome) {
  Entry entry = free_slot(slot);
  waiting_room_.leave(entry);
  entry.batch.resolve(outcome);
}

// ---- The end ----

void QueuedExporter::adopt(Batch batch) {
  drop_foreign_form(batch);
  if (successor_) return successor_->adopt(std::move(batch));
  if (retiring_ && !retired_) self_ = shared_from_this();
  waiting_room_.adopt(std::move(batch));
  pump();
}

void QueuedExporter::retire(std::shared_ptr<pipeline::Exporter> successor, std::function<void()> done) {
  successor_ = std::move(successor);
  retiring_ = true;
  retired_ = std::move(done);
  if (successor_) {
    for (Slot slot = sending_.begin(); slot != sending_.end();) {
      const Slot next = std::next(slot);
      if (slot->second.timer != EventLoop::kNoTimer) {
        Entry entry = free_slot(slot);
        shared_->budget->give_back(entry.items, entry.bytes);
        successor_->adopt(std::move(entry.batch));
      }
      slot = next;
    }
    for (Batch& batch : waiting_room_.clear()) successor_->adopt(std::move(batch));
  }
  pump();
}

void QueuedExporter::settle() {
  if (!retiring_ || !waiting_room_.empty() || !sending_.empty()) return;
  // Posted, because whoever waits will destroy this exporter.
  if (retired_) loop_.post(std::exchange(retired_, nullptr));
  if (self_) loop_.post([self = std::move(self_)] {});
}

pipeline::Abandoned QueuedExporter::abandon() {
  abandoned_ = true;  // what still comes in must not be acknowledged (OnEnqueue) and then forgotten
  pipeline::Abandoned total;
  const auto give_up = [&](Batch& batch) {
    for (const data::Part& part : batch.parts())
      (part.ack ? total.unacknowledged : total.acknowledged) += part.records;
    batch.resolve(Outcome::retry("the worker stopped", kComeBack));
  };
  for (auto& [id, sending] : std::exchange(sending_, {})) {
    loop_.cancel(sending.timer);
    shared_->budget->give_back(sending.entry.items, sending.entry.bytes);
    give_up(sending.entry.batch);
  }
  backing_off_ = 0;
  for (Batch& batch : waiting_room_.clear()) give_up(batch);
  return total;
}

}  // namespace

std::shared_ptr<pipeline::Exporter> make_queued_exporter(std::shared_ptr<const ExporterShared> shared,
                                                         pipeline::CoreContext& core,
                                                         std::unique_ptr<Sender> sender) {
  return std::make_shared<QueuedExporter>(std::move(shared), core, std::move(sender));
}

}  // namespace otlpipe::worker::queue
