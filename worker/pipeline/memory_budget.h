#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "worker/transport/memory.h"

namespace otlpipe::worker::pipeline {

// The bytes of telemetry that the process may hold at once. Thread safe, lock free.
class AtomicMemoryBudget final : public transport::MemoryBudget {
 public:
  explicit AtomicMemoryBudget(std::uint64_t limit) : limit_(limit) {}

  bool try_acquire(std::size_t bytes) override {
    const std::uint64_t before = used_.fetch_add(bytes, std::memory_order_relaxed);
    if (before + bytes <= limit_.load(std::memory_order_relaxed)) return true;
    used_.fetch_sub(bytes, std::memory_order_relaxed);
    return false;
  }
  void release(std::size_t bytes) override { used_.fetch_sub(bytes, std::memory_order_relaxed); }

  // A lower limit than what is in use refuses until enough is given back.
  void set_limit(std::uint64_t limit) { limit_.store(limit, std::memory_order_relaxed); }
  std::uint64_t limit() const { return limit_.load(std::memory_order_relaxed); }
  std::uint64_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> limit_;
  std::atomic<std::uint64_t> used_{0};
};

}  // namespace otlpipe::worker::pipeline
