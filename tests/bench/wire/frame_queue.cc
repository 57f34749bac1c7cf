#include "tests/bench/wire/frame_queue.h"

#include <cassert>
#include <cerrno>
#include <cstring>

#include <sys/socket.h>
#include <sys/uio.h>

namespace otlpipe::bench {

void FrameQueue::add(const FrameHead& head, ByteView payload) {
  Item& item = items_.emplace_back();
  put_head(item.head.data(), head);
  item.head_bytes = kFrameHeadBytes;
  item.payload = payload;
  bytes_ += kFrameHeadBytes + payload.size();
}

void FrameQueue::add_small(std::string_view bytes) {
  assert(bytes.size() <= kSmall);
  Item& item = items_.emplace_back();
  std::memcpy(item.head.data(), bytes.data(), bytes.size());
  item.head_bytes = bytes.size();
  bytes_ += bytes.size();
}

void FrameQueue::add_reference(std::string_view bytes) {
  Item& item = items_.emplace_back();
  item.payload = as_bytes(bytes);
  bytes_ += bytes.size();
}

FrameQueue::Outcome FrameQueue::flush(int socket) {
  constexpr std::size_t kMaxPieces = 256;
  while (!items_.empty()) {
    std::array<iovec, kMaxPieces> pieces;
    std::size_t count = 0;
    std::size_t skip = front_done_;
    for (const Item& item : items_) {
      if (count + 2 > kMaxPieces) break;
      for (const ByteView part : {ByteView(item.head.data(), item.head_bytes), item.payload}) {
        const std::size_t skipped = std::min(skip, part.size());
        skip -= skipped;
        if (part.size() > skipped) {
          pieces[count++] = {const_cast<std::uint8_t*>(part.data()) + skipped, part.size() - skipped};
        }
      }
    }
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = count;
    const ssize_t n = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? Outcome::kBlocked : Outcome::kBroken;
    written(static_cast<std::size_t>(n));
  }
  return Outcome::kEmpty;
}

void FrameQueue::written(std::size_t count) {
  bytes_ -= count;
  front_done_ += count;
  while (!items_.empty()) {
    const std::size_t size = items_.front().head_bytes + items_.front().payload.size();
    if (front_done_ < size) return;
    front_done_ -= size;
    items_.pop_front();
  }
}

void FrameQueue::clear() {
  items_.clear();
  front_done_ = 0;
  bytes_ = 0;
}

}  // namespace otlpipe::bench
