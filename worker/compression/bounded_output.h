#pragma once

#include <algorithm>
#include <array>
#include <span>

#include "worker/compression/buffer.h"
#include "worker/compression/compression.h"

namespace otlpipe::worker::compression {

// Where decompressed bytes go: a buffer that asks before it grows and never grows past the limit.
class BoundedOutput {
 public:
  BoundedOutput(std::size_t max_bytes, const AdmitOutput& admit) : max_bytes_(max_bytes), admit_(admit) {}

  std::size_t max_bytes() const { return max_bytes_; }
  std::size_t size() const { return buffer_.size(); }

  // Makes room for `total` bytes in all: kResourceExhausted past the limit, kUnavailable when that is
  // refused.
  Status reserve(std::size_t total) {
    if (total > max_bytes_) return fail(over_limit());
    if (total <= buffer_.capacity()) return {};
    if (admit_ && !admit_(total)) return fail(refused());
    buffer_.resize_capacity(total);
    return {};
  }

  // Gives an empty buffer's memory back: what was reserved on a wrong guess would be copied when it grows.
  void start_small() { buffer_ = Buffer(); }

  // Some room to write to, at least one byte. At the limit that is a byte outside of the buffer: whether the
  // input ends just there is only known when it has been asked for more.
  Result<std::span<std::uint8_t>> room() {
    if (buffer_.room() == 0 && buffer_.size() < max_bytes_) {
      const std::size_t doubled = std::max(kFirst, 2 * buffer_.capacity());
      if (Status grown = reserve(std::min(doubled, max_bytes_)); !grown) return fail(grown.error());
    }
    if (buffer_.room() == 0) return std::span<std::uint8_t>(beyond_);
    return std::span<std::uint8_t>(buffer_.end(), buffer_.room());
  }
  // `bytes` of the last room() have been written.
  Status commit(std::size_t bytes) {
    if (bytes > buffer_.room()) return fail(over_limit());
    buffer_.commit(bytes);
    return {};
  }

  Bytes take() {
    buffer_.resize_capacity(buffer_.size());
    return buffer_.take();
  }

  Error over_limit() const {
    return Error{
        Code::kResourceExhausted,
        "decompressed, the body is larger than the limit of " + std::to_string(max_bytes_) + " bytes",
        {},
        {}};
  }
  static Error refused() {
    return Error{Code::kUnavailable, "no memory for the decompressed body", {}, Retry::backoff()};
  }

 private:
  static constexpr std::size_t kFirst = 16 * 1024;

  std::size_t max_bytes_;
  const AdmitOutput& admit_;
  Buffer buffer_;
  std::array<std::uint8_t, 1> beyond_{};
};

}  // namespace otlpipe::worker::compression
