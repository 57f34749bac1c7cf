#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace otlpipe::worker::telemetry {

// One core's share of a counter. Written by that core alone, read by anybody.
class alignas(64) Cell {
 public:
  // Not a read-modify-write: there is one writer.
  void add(std::uint64_t n) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// A number that only grows, kept per core.
class Counter {
 public:
  explicit Counter(std::size_t cores) : cells_(new Cell[cores]), cores_(cores) {}

  Cell& cell(std::size_t core) { return cells_[core]; }
  std::uint64_t sum() const {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < cores_; ++i) total += cells_[i].value();
    return total;
  }

 private:
  std::unique_ptr<Cell[]> cells_;
  std::size_t cores_;
};

}  // namespace otlpipe::worker::telemetry
