#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "common/time/clock.h"

namespace otlpipe::worker::transport {

// One-shot timers in an indexed binary heap: adding and cancelling cost a few swaps and no system call,
// because most timers (a request's timeout) are cancelled long before they run. Not thread safe; knows no
// clock, the owner says what time it is. Timers of the same deadline run in the order in which they were
// added.
class TimerHeap {
 public:
  using Id = std::uint64_t;  // never 0
  using Task = std::function<void()>;

  Id add(MonotonicTime deadline, Task task);
  // False when the timer has run or never was.
  bool cancel(Id id);
  std::optional<MonotonicTime> next_deadline() const;
  // Takes out the first timer that is due, or an empty task.
  Task pop_due(MonotonicTime now);
  std::size_t size() const { return heap_.size(); }

 private:
  struct Slot {
    Task task;
    std::uint32_t generation = 1;
    std::uint32_t position = 0;  // in heap_
  };
  struct Entry {
    MonotonicTime deadline;
    std::uint64_t sequence;
    std::uint32_t slot;
  };

  static bool before(const Entry& a, const Entry& b) {
    return a.deadline != b.deadline ? a.deadline < b.deadline : a.sequence < b.sequence;
  }
  void place(std::size_t position, const Entry& entry);
  void sift_up(std::size_t position);
  void sift_down(std::size_t position);
  Task remove(std::size_t position);

  std::vector<Entry> heap_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::uint64_t sequence_ = 0;
};

}  // namespace otlpipe::worker::transport
