#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

namespace otlpipe::worker::telemetry {

enum class Health : std::uint8_t { kUnknown, kHealthy, kDegraded, kFailing };

// How an exporter gets on with its backend, over all cores. Thread safe. A success after a success costs one
// relaxed load.
class ExporterStatus {
 public:
  // True for the one success that ends a time of failing.
  bool succeeded() {
    if (streak_.load(std::memory_order_relaxed) == kGood) return false;
    return streak_.exchange(kGood, std::memory_order_relaxed) >= kFailingAfter;
  }
  void failed(const std::string& message) {
    {
      const std::lock_guard lock(mutex_);
      last_error_ = message;
    }
    int streak = streak_.load(std::memory_order_relaxed);
    while (!streak_.compare_exchange_weak(
        streak, streak == kNothingYet ? 1 : (streak < kFailingAfter ? streak + 1 : streak),
        std::memory_order_relaxed)) {
    }
  }

  // Healthy after a success, degraded after a failure or two since, failing after that many in a row.
  Health health() const {
    const int streak = streak_.load(std::memory_order_relaxed);
    if (streak == kNothingYet) return Health::kUnknown;
    if (streak == kGood) return Health::kHealthy;
    return streak < kFailingAfter ? Health::kDegraded : Health::kFailing;
  }
  // Empty once it is healthy again.
  std::string last_error() const {
    if (health() == Health::kHealthy) return {};
    const std::lock_guard lock(mutex_);
    return last_error_;
  }

 private:
  static constexpr int kNothingYet = -1;
  static constexpr int kGood = 0;
  static constexpr int kFailingAfter = 3;

  std::atomic<int> streak_{kNothingYet};
  mutable std::mutex mutex_;
  std::string last_error_;
};

}  // namespace otlpipe::worker::telemetry
