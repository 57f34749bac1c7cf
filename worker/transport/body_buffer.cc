#include "worker/transport/body_buffer.h"

#include <algorithm>
#include <string>

namespace otlpipe::worker::transport {

namespace {
constexpr std::chrono::milliseconds kRetryDelay{1'000};
constexpr std::size_t kFirstGrowth = 4096;
}  // namespace

Error over_limit(std::size_t max_bytes) {
  return Error{Code::kResourceExhausted,
               "the body is larger than the limit of " + std::to_string(max_bytes) + " bytes",
               {},
               Retry::never()};
}

Error budget_used_up() {
  return Error{Code::kUnavailable, "the memory budget is used up", {}, Retry::after(kRetryDelay)};
}

Status BodyBuffer::reserve(std::size_t total) {
  if (total > max_bytes_) return fail(over_limit(max_bytes_));
  if (total <= buffer_.capacity()) return {};
  if (budgeted_ && !credit_.grow(total - buffer_.capacity())) return fail(budget_used_up());
  buffer_.resize_capacity(total);
  return {};
}

Status BodyBuffer::append(ByteView data) {
  if (data.size() > buffer_.room()) {
    const std::size_t needed = buffer_.size() + data.size();
    if (needed > max_bytes_) return fail(over_limit(max_bytes_));
    const std::size_t wanted = std::max({needed, 2 * buffer_.capacity(), kFirstGrowth});
    if (Status grown = reserve(std::min(wanted, max_bytes_)); !grown) {
      // The doubling is a convenience; what counts is whether these bytes fit.
      if (Status exact = reserve(needed); !exact) return exact;
    }
  }
  buffer_.append(data);
  return {};
}

std::pair<Bytes, MemoryCredit> BodyBuffer::take() {
  const std::size_t spare = buffer_.capacity() - buffer_.size();
  if (spare > 0) buffer_.resize_capacity(buffer_.size());
  if (budgeted_) credit_.shrink(spare);
  std::pair<Bytes, MemoryCredit> out{buffer_.take(), std::move(credit_)};
  credit_ = MemoryCredit();
  budgeted_ = false;
  return out;
}

void BodyBuffer::drop() {
  buffer_ = compression::Buffer();
  credit_.reset();
  max_bytes_ = 0;
}

}  // namespace otlpipe::worker::transport
