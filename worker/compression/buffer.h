#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include "common/base/bytes.h"

namespace otlpipe::worker::compression {

// A byte buffer that is filled from the front and then becomes an immutable Bytes. Its memory is not zeroed.
// Not thread safe.
class Buffer {
 public:
  // What is filled and grows to this or more gets pages of its own, which move without being copied from then
  // on: the allocator would have the content twice for a moment, which no credit covers. What is large from
  // the beginning is the allocator's, which has such blocks at hand; it is asked for at its final size.
  static constexpr std::size_t kOwnPages = 4u << 20;

  Buffer() = default;
  explicit Buffer(std::size_t capacity) { resize_capacity(capacity); }
  Buffer(Buffer&& other) noexcept
      : data_(std::move(other.data_)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
  }

  std::uint8_t* data() { return data_.get(); }
  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }
  std::uint8_t* end() { return data_.get() + size_; }
  std::size_t room() const { return capacity_ - size_; }
  ByteView view() const { return {data_.get(), size_}; }

  // Grows or shrinks to exactly `capacity`, which is at least size(). Ends the process when the machine has
  // no memory: what is asked for here has been admitted by the memory budget.
  void resize_capacity(std::size_t capacity);

  // `bytes` at end() have been written; at most room().
  void commit(std::size_t bytes) { size_ += bytes; }
  // At most room().
  void append(ByteView bytes) {
    if (bytes.empty()) return;
    std::memcpy(end(), bytes.data(), bytes.size());
    size_ += bytes.size();
  }

  // Hands the content over; the buffer is empty afterwards.
  Bytes take();

 private:
  struct Free {
    Free() : own_pages(0) {}
    explicit Free(std::size_t bytes) : own_pages(bytes) {}
    std::size_t own_pages;  // bytes of them; 0: the allocator's
    void operator()(std::uint8_t* block) const;
  };
  using Block = std::unique_ptr<std::uint8_t, Free>;
  Block data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace otlpipe::worker::compression
