#include "worker/transport/timer_heap.h"

#include <utility>

namespace otlpipe::worker::transport {

TimerHeap::Id TimerHeap::add(MonotonicTime deadline, Task task) {
  std::uint32_t index = 0;
  if (free_.empty()) {
    index = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  slots_[index].task = std::move(task);
  heap_.push_back({deadline, sequence_++, index});
  slots_[index].position = static_cast<std::uint32_t>(heap_.size() - 1);
  sift_up(heap_.size() - 1);
  return (static_cast<Id>(slots_[index].generation) << 32) | index;
}

bool TimerHeap::cancel(Id id) {
  const auto index = static_cast<std::uint32_t>(id);
  if (index >= slots_.size() || slots_[index].generation != static_cast<std::uint32_t>(id >> 32))
    return false;
  // The task is destroyed after the heap is whole again: its captures may cancel other timers.
  const Task forgotten = remove(slots_[index].position);
  return true;
}

std::optional<MonotonicTime> TimerHeap::next_deadline() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.front().deadline;
}

TimerHeap::Task TimerHeap::pop_due(MonotonicTime now) {
  if (heap_.empty() || heap_.front().deadline > now) return {};
  return remove(0);
}

void TimerHeap::place(std::size_t position, const Entry& entry) {
  heap_[position] = entry;
  slots_[entry.slot].position = static_cast<std::uint32_t>(position);
}

void TimerHeap::sift_up(std::size_t position) {
  const Entry entry = heap_[position];
  while (position > 0) {
    const std::size_t parent = (position - 1) / 2;
    if (!before(entry, heap_[parent])) break;
    place(position, heap_[parent]);
    position = parent;
  }
  place(position, entry);
}

void TimerHeap::sift_down(std::size_t position) {
  const Entry entry = heap_[position];
  for (;;) {
    std::size_t child = 2 * position + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
    if (!before(heap_[child], entry)) break;
    place(position, heap_[child]);
    position = child;
  }
  place(position, entry);
}

TimerHeap::Task TimerHeap::remove(std::size_t position) {
  const std::uint32_t index = heap_[position].slot;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (position < heap_.size()) {
    place(position, last);
    sift_down(position);
    sift_up(slots_[last.slot].position);
  }
  Slot& slot = slots_[index];
  Task task = std::move(slot.task);
  slot.task = nullptr;
  if (++slot.generation == 0) slot.generation = 1;
  free_.push_back(index);
  return task;
}

}  // namespace otlpipe::worker::transport
