#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>

namespace otlpipe::bench {

// Repeatable chance for made-up telemetry: the same seed gives the same bytes everywhere. Not thread safe.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  // Evenly over [0, limit); `limit` is not 0.
  std::uint64_t below(std::uint64_t limit) { return engine_() % limit; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  std::string_view pick(std::span<const std::string_view> words) { return words[below(words.size())]; }
  std::string bytes(std::size_t count) {
    std::string out;
    while (out.size() < count) out.push_back(static_cast<char>(engine_() >> 32));
    return out;
  }
  // Small values often, large ones rarely, as durations and sizes are.
  std::uint64_t skewed(std::uint64_t limit) { return below(1 + below(1 + below(limit))); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace otlpipe::bench
