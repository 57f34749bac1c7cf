#include "worker/compression/buffer.h"

#include <algorithm>
#include <cstdlib>

#include <sys/mman.h>

namespace otlpipe::worker::compression {

namespace {

std::uint8_t* checked(void* block) {
  if (block == nullptr || block == MAP_FAILED) std::abort();
  return static_cast<std::uint8_t*>(block);
}

std::uint8_t* map(std::size_t bytes) {
  return checked(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

}  // namespace

void Buffer::Free::operator()(std::uint8_t* block) const {
  if (own_pages > 0) {
    munmap(block, own_pages);
  } else {
    std::free(block);
  }
}

void Buffer::resize_capacity(std::size_t capacity) {
  if (capacity == capacity_) return;
  const std::size_t wanted = std::max<std::size_t>(capacity, 1);
  const std::size_t mapped = data_ ? data_.get_deleter().own_pages : 0;  // a moved-from one remembers them
  if (mapped > 0) {
    std::uint8_t* const moved = checked(mremap(data_.get(), mapped, wanted, MREMAP_MAYMOVE));
    static_cast<void>(data_.release());
    data_ = Block(moved, Free(wanted));
  } else if (size_ > 0 && capacity > capacity_ && capacity >= kOwnPages) {
    std::uint8_t* const pages = map(wanted);
    std::memcpy(pages, data_.get(), size_);
    data_ = Block(pages, Free(wanted));
  } else {
    std::uint8_t* const moved = checked(std::realloc(data_.get(), wanted));
    static_cast<void>(data_.release());
    data_ = Block(moved, Free());
  }
  capacity_ = capacity;
}

Bytes Buffer::take() {
  const ByteView content = view();
  size_ = capacity_ = 0;
  const Free free = data_.get_deleter();
  std::uint8_t* const block = data_.release();
  data_ = Block();
  return Bytes(std::shared_ptr<const void>(block,
                                           [free](const void* p) {
                                             if (p != nullptr)
                                               free(static_cast<std::uint8_t*>(const_cast<void*>(p)));
                                           }),
               content);
}

}  // namespace otlpipe::worker::compression
