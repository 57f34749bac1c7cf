#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "common/base/bytes.h"

namespace otlpipe::bench {

// A growing message whose memory is used again for the next one: what a counting sink must not spend its time
// on is fresh pages. Not thread safe.
class Body {
 public:
  // Room for `more` bytes at the end, which hold nothing yet.
  std::uint8_t* room(std::size_t more) {
    if (size_ + more > capacity_) {
      const std::size_t capacity = std::max(size_ + more, 2 * capacity_);
      auto larger = std::make_unique_for_overwrite<std::uint8_t[]>(capacity);
      if (size_ > 0) std::memcpy(larger.get(), data_.get(), size_);
      data_ = std::move(larger);
      capacity_ = capacity;
    }
    return data_.get() + size_;
  }
  void commit(std::size_t bytes) { size_ += bytes; }
  void append(const std::uint8_t* data, std::size_t bytes) {
    std::memcpy(room(bytes), data, bytes);
    size_ += bytes;
  }
  ByteView view() const { return {data_.get(), size_}; }
  void clear() { size_ = 0; }

 private:
  std::unique_ptr<std::uint8_t[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

class BodyStore {
 public:
  Body take() {
    if (free_.empty()) return {};
    Body out = std::move(free_.back());
    free_.pop_back();
    out.clear();
    return out;
  }
  void give_back(Body body) {
    constexpr std::size_t kKeep = 64;
    if (free_.size() < kKeep) free_.push_back(std::move(body));
  }

 private:
  std::vector<Body> free_;
};

}  // namespace otlpipe::bench
