#pragma once

#include <memory>

#include "common/base/result.h"
#include "worker/compression/buffer.h"
#include "worker/transport/memory.h"

namespace otlpipe::worker::transport {

// A body that is being collected: it never grows past `max_bytes`, and every byte of its capacity is covered
// by credit that was taken before the memory was. Not thread safe.
class BodyBuffer {
 public:
  BodyBuffer() = default;
  // Without a budget only the limit holds.
  BodyBuffer(std::shared_ptr<MemoryBudget> budget, std::size_t max_bytes)
      : credit_(budget, 0), max_bytes_(max_bytes), budgeted_(budget != nullptr) {}

  // Makes room for `total` bytes. kResourceExhausted past the limit, kUnavailable when the budget has no
  // room.
  Status reserve(std::size_t total);
  // Makes room as needed (at least doubling) and copies.
  Status append(ByteView data);
  std::size_t size() const { return buffer_.size(); }
  ByteView view() const { return buffer_.view(); }

  // Hands over the content and the credit for exactly its bytes; the buffer is empty afterwards.
  std::pair<Bytes, MemoryCredit> take();
  // Gives memory and credit back.
  void drop();

 private:
  compression::Buffer buffer_;
  MemoryCredit credit_;
  std::size_t max_bytes_ = 0;
  bool budgeted_ = false;
};

Error over_limit(std::size_t max_bytes);
Error budget_used_up();

}  // namespace otlpipe::worker::transport
