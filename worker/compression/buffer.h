#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "common/base/bytes.h"

namespace otlpipe::worker::compression {

// A byte buffer that is filled from the front and then becomes an immutable Bytes. Its memory is not zeroed,
// and grows by realloc, which with mimalloc copies: the content may be there twice for a moment. Whoever
// knows the size asks for it at once.
class Buffer {
 public:
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

  // Grows or shrinks to exactly `capacity`, which is at least size().
  void resize_capacity(std::size_t capacity) {
    if (capacity == capacity_) return;
    void* moved = std::realloc(data_.get(), capacity > 0 ? capacity : 1);
    if (moved == nullptr)
      std::abort();  // bounded by the memory budget, so the machine itself is out of memory
    static_cast<void>(data_.release());
    data_.reset(static_cast<std::uint8_t*>(moved));
    capacity_ = capacity;
  }

  // `bytes` at end() have been written; at most room().
  void commit(std::size_t bytes) { size_ += bytes; }
  // At most room().
  void append(ByteView bytes) {
    if (bytes.empty()) return;
    std::memcpy(end(), bytes.data(), bytes.size());
    size_ += bytes.size();
  }

  // Hands the content over; the buffer is empty afterwards.
  Bytes take() {
    const ByteView content = view();
    size_ = capacity_ = 0;
    std::uint8_t* raw = data_.release();
    return Bytes(std::shared_ptr<const void>(raw, [](const void* p) { std::free(const_cast<void*>(p)); }),
                 content);
  }

 private:
  struct Free {
    void operator()(std::uint8_t* p) const { std::free(p); }
  };
  std::unique_ptr<std::uint8_t, Free> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace otlpipe::worker::compression
