#pragma once

#include <cstdint>
#include <mutex>
#include <random>

namespace otlpipe {

// Where chance comes from (jitter, identities). Thread safe. Passed by reference; the owner is app/.
// Not for secrets.
class Random {
 public:
  virtual ~Random() = default;
  // Evenly spread over [0, 1).
  virtual double uniform() = 0;
  virtual std::uint64_t bits() = 0;
};

// Repeats itself for the same seed, so that tests can predict it; seeded from the system otherwise.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}

  double uniform() override { return static_cast<double>(bits() >> 11U) * 0x1.0p-53; }
  std::uint64_t bits() override {
    const std::lock_guard lock(mutex_);
    return engine_();
  }

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

inline std::uint64_t random_seed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32U) | device();
}

}  // namespace otlpipe
