#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "common/concurrency/event_loop.h"
#include "worker/queue/reporter.h"
#include "worker/queue/retry.h"

namespace otlpipe::worker::queue {

// What clients are told to wait when their data was given up or found no room.
inline constexpr std::chrono::milliseconds kComeBack{1'000};

// A batch with its room in the queue's budget, which it keeps until `leave`.
struct Entry {
  data::Batch batch;
  std::uint64_t items = 0;
  std::uint64_t bytes = 0;
  RetryState retry = {};
};

// What waits on one core: in the queue for its turn, and, when the queue is full, in front of it for room.
// Lives on the loop.
class WaitingRoom {
 public:
  // `admitted` is called, never from inside a call, when something got room that had to wait for it.
  WaitingRoom(const Reporter& reporter, EventLoop& loop, std::function<void()> admitted)
      : reporter_(reporter), loop_(loop), admitted_(std::move(admitted)) {}
  ~WaitingRoom() { loop_.cancel(timer_); }
  WaitingRoom(const WaitingRoom&) = delete;
  WaitingRoom& operator=(const WaitingRoom&) = delete;

  // Queues the batch, lets it wait for room, drops it or something else, or answers it, as the overflow
  // setting says.
  void offer(data::Batch batch);
  // Queues it whatever the bounds say: at the end, or before everything else.
  void adopt(data::Batch batch);
  void put_first(std::vector<data::Batch> batches, const RetryState& retry);

  bool has_next() const { return !queue_.empty(); }
  Entry next();
  // An entry is done with; its room goes to whoever waits for it.
  void leave(const Entry& entry);

  bool empty() const { return queue_.empty() && blocked_.empty(); }
  // Takes everything out, in order.
  std::vector<data::Batch> clear();

 private:
  struct Blocked {
    data::Batch batch;
    MonotonicTime deadline;
  };
  void enqueue(data::Batch batch);
  bool make_room(const data::Batch& batch);
  void refuse(data::Batch batch);
  void admit_blocked();
  void watch_blocked();

  const Reporter& reporter_;
  EventLoop& loop_;
  std::function<void()> admitted_;
  std::deque<Entry> queue_;
  std::deque<Blocked> blocked_;
  EventLoop::TimerId timer_ = EventLoop::kNoTimer;
  LogLimit drop_log_;
};

}  // namespace otlpipe::worker::queue
