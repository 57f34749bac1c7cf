#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string_view>

#include "common/base/bytes.h"
#include "tests/bench/wire/frames.h"

namespace otlpipe::bench {

// What is to be written to a socket: heads that it owns and payloads that are referenced and never copied.
// Gathers many into one write. Not thread safe.
class FrameQueue {
 public:
  enum class Outcome { kEmpty, kBlocked, kBroken };

  // A frame whose payload outlives the queue.
  void add(const FrameHead& head, ByteView payload);
  // Up to kSmall bytes as they are, copied.
  void add_small(std::string_view bytes);
  // Bytes as they are that outlive the queue.
  void add_reference(std::string_view bytes);

  std::size_t bytes() const { return bytes_; }
  // Writes until there is nothing left, the socket is full or the connection is gone.
  Outcome flush(int socket);
  void clear();

  static constexpr std::size_t kSmall = 64;

 private:
  struct Item {
    std::array<std::uint8_t, kSmall> head;
    std::size_t head_bytes = 0;
    ByteView payload;
  };
  void written(std::size_t count);

  std::deque<Item> items_;
  std::size_t front_done_ = 0;  // bytes of the first item that have been written
  std::size_t bytes_ = 0;
};

}  // namespace otlpipe::bench
