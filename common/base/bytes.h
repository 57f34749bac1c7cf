#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace otlpipe {

using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view s) {
  return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}
inline std::string_view as_text(ByteView b) {
  return {reinterpret_cast<const char*>(b.data()), b.size()};
}

// An immutable slice of a reference-counted buffer. Copying shares the buffer; no byte is ever changed once a
// Bytes exists over it, so slices may be read from any thread. The buffer lives until its last slice is gone,
// whatever the owner is (a string, a vector, a pooled slab).
class Bytes {
 public:
  Bytes() = default;
  // Shares `owner`, which keeps `view` alive.
  Bytes(std::shared_ptr<const void> owner, ByteView view) : owner_(std::move(owner)), view_(view) {}

  // Takes over a string (one allocation for the count, no copy of the text unless it is short).
  static Bytes from(std::string text) {
    auto owner = std::make_shared<const std::string>(std::move(text));
    const ByteView view = as_bytes(*owner);
    return {std::move(owner), view};
  }

  ByteView view() const { return view_; }
  const std::uint8_t* data() const { return view_.data(); }
  std::size_t size() const { return view_.size(); }
  bool empty() const { return view_.empty(); }

  // The part [offset, offset + length) of this slice. The range must lie inside.
  Bytes slice(std::size_t offset, std::size_t length) const {
    return {owner_, view_.subspan(offset, length)};
  }

 private:
  std::shared_ptr<const void> owner_;
  ByteView view_;
};

}  // namespace otlpipe
