#pragma once

#include <atomic>
#include <cstdint>

namespace otlpipe::worker::queue {

// The bounds of one exporter's queue, over all cores. Thread safe, lock free.
class QueueBudget {
 public:
  QueueBudget(std::uint64_t max_items, std::uint64_t max_bytes)
      : max_items_(max_items), max_bytes_(max_bytes) {}

  // Takes room when both fit, or when the queue is empty (what is larger than the queue has to get through as
  // well).
  bool try_take(std::uint64_t items, std::uint64_t bytes) {
    const std::uint64_t items_before = items_.fetch_add(items, std::memory_order_relaxed);
    const std::uint64_t bytes_before = bytes_.fetch_add(bytes, std::memory_order_relaxed);
    const bool fits = items_before + items <= max_items_ && bytes_before + bytes <= max_bytes_;
    if (fits || bytes_before == 0) return true;
    give_back(items, bytes);
    return false;
  }
  void take(std::uint64_t items, std::uint64_t bytes) {
    items_.fetch_add(items, std::memory_order_relaxed);
    bytes_.fetch_add(bytes, std::memory_order_relaxed);
  }
  void give_back(std::uint64_t items, std::uint64_t bytes) {
    items_.fetch_sub(items, std::memory_order_relaxed);
    bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  }

  std::uint64_t items() const { return items_.load(std::memory_order_relaxed); }
  std::uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  std::uint64_t max_items() const { return max_items_; }
  std::uint64_t max_bytes() const { return max_bytes_; }

 private:
  const std::uint64_t max_items_;
  const std::uint64_t max_bytes_;
  std::atomic<std::uint64_t> items_{0};
  std::atomic<std::uint64_t> bytes_{0};
};

}  // namespace otlpipe::worker::queue
