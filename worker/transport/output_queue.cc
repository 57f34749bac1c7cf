#include "worker/transport/output_queue.h"

#include <algorithm>

#include <sys/uio.h>

namespace otlpipe::worker::transport {

namespace {
constexpr std::size_t kKeptArena = 64 * 1024;  // an idle connection keeps no more than this
}

void OutputQueue::append_copy(ByteView data) {
  if (data.empty()) return;
  if (pieces_.empty() || !pieces_.back().shared.empty())
    pieces_.push_back({{}, arena_base_ + arena_.size(), 0});
  arena_.append(as_text(data));
  pieces_.back().length += data.size();
  size_ += data.size();
}

void OutputQueue::append(const Bytes& data) {
  if (data.size() <= kCopyLimit) return append_copy(data.view());
  pieces_.push_back({data, 0, data.size()});
  size_ += data.size();
}

std::size_t OutputQueue::gather(iovec* out, std::size_t capacity) const {
  std::size_t count = 0;
  std::size_t skip = front_done_;
  for (const Piece& piece : pieces_) {
    if (count == capacity) break;
    const char* start = piece.shared.empty() ? arena_.data() + (piece.offset - arena_base_)
                                             : as_text(piece.shared.view()).data();
    // writev does not write through iov_base; the type is older than const.
    out[count++] = {const_cast<char*>(start) + skip, piece.length - skip};
    skip = 0;
  }
  return count;
}

void OutputQueue::consume(std::size_t bytes) {
  size_ -= bytes;
  while (bytes > 0) {
    const std::size_t left = pieces_.front().length - front_done_;
    if (bytes < left) {
      front_done_ += bytes;
      return;
    }
    bytes -= left;
    front_done_ = 0;
    pieces_.pop_front();
  }
  if (pieces_.empty()) {
    clear();
  } else {
    trim_arena();
  }
}

// A connection that always has something to write never empties the queue, so its arena would grow for ever.
void OutputQueue::trim_arena() {
  const Piece& front = pieces_.front();
  if (!front.shared.empty()) return;
  const auto written = static_cast<std::size_t>(front.offset - arena_base_);
  if (written < kKeptArena || written < arena_.size() / 2) return;
  arena_.erase(0, written);
  arena_base_ += written;
}

void OutputQueue::move_to(OutputQueue& other) {
  if (empty()) return;
  for (const Piece& piece : pieces_) {
    const Bytes& shared = piece.shared;
    const std::size_t skip = &piece == &pieces_.front() ? front_done_ : 0;
    if (shared.empty()) {
      other.append_copy(as_bytes(arena_).subspan(static_cast<std::size_t>(piece.offset - arena_base_) + skip,
                                                 piece.length - skip));
    } else {
      other.append(shared.slice(skip, shared.size() - skip));
    }
  }
  clear();
}

void OutputQueue::clear() {
  pieces_.clear();
  front_done_ = 0;
  size_ = 0;
  if (arena_.capacity() > kKeptArena) {
    arena_ = std::string();
  } else {
    arena_.clear();
  }
}

}  // namespace otlpipe::worker::transport
