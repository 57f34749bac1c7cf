#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace otlpipe::bench {

// Counts durations in buckets that are 1/64 wide of their value, so that quantiles are right to 1.6 %. Not
// thread safe.
class Latencies {
 public:
  void add(std::int64_t nanoseconds) {
    const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(nanoseconds, 0));
    ++buckets_[bucket_of(value)];
    ++count_;
    max_ = std::max(max_, value);
  }
  std::uint64_t count() const { return count_; }
  // In microseconds; the largest is exact, a quantile is the upper end of its bucket.
  double max() const { return static_cast<double>(max_) / 1e3; }
  double quantile(double q) const {
    const auto wanted = static_cast<std::uint64_t>(q * static_cast<double>(count_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (seen > wanted) return static_cast<double>(std::min(upper_end(i), max_)) / 1e3;
    }
    return max();
  }

 private:
  static constexpr unsigned kBits = 6;
  static std::size_t bucket_of(std::uint64_t value) {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    if (width <= kBits) return value;
    const unsigned shift = width - kBits - 1;
    return (static_cast<std::size_t>(shift + 1) << kBits) + ((value >> shift) & ((1u << kBits) - 1));
  }
  static std::uint64_t upper_end(std::size_t bucket) {
    if (bucket < (1u << kBits)) return bucket;
    const std::size_t shift = (bucket >> kBits) - 1;
    const std::uint64_t mantissa = (1u << kBits) + (bucket & ((1u << kBits) - 1));
    return ((mantissa + 1) << shift) - 1;
  }

  std::array<std::uint64_t, 64u << kBits> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace otlpipe::bench
