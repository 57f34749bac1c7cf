#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "common/base/bytes.h"

struct iovec;

namespace otlpipe::worker::transport {

// What waits to be written to a socket, in order: small pieces are copied together, large ones are
// referenced, so that one gather write sends frame headers and bodies without joining them. Not thread safe.
class OutputQueue {
 public:
  // Pieces up to this size are copied: cheaper than an entry of the gather list.
  static constexpr std::size_t kCopyLimit = 1024;

  void append(std::string_view text) { append_copy(as_bytes(text)); }
  void append_copy(ByteView data);
  // Shares `data` until it is written (or copies it when small).
  void append(const Bytes& data);

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  // Fills up to `capacity` entries with the front of the queue; valid until the next change. Returns how
  // many.
  std::size_t gather(iovec* out, std::size_t capacity) const;
  // Forgets the first `bytes`, which have been written.
  void consume(std::size_t bytes);
  void clear();
  // Appends everything to `other`.
  void move_to(OutputQueue& other);

 private:
  struct Piece {
    Bytes shared;              // empty: `length` bytes of the arena
    std::uint64_t offset = 0;  // of all bytes that ever went into the arena
    std::size_t length = 0;
  };

  void trim_arena();

  std::deque<Piece> pieces_;
  std::string arena_;             // copied pieces; its written front is dropped now and then
  std::uint64_t arena_base_ = 0;  // how many bytes were dropped
  std::size_t front_done_ = 0;    // bytes of the first piece that are written
  std::size_t size_ = 0;
};

}  // namespace otlpipe::worker::transport
