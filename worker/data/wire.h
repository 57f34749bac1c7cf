#pragma once

// Reading and writing the Protobuf wire format (https://protobuf.dev/programming-guides/encoding/). Pure, no
// allocation but for the appending writers. Readers return false when the bytes end early or a varint is
// longer than 10 bytes.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace otlpipe::worker::data::wire {

enum WireType : std::uint8_t {
  kVarint = 0,
  kFixed64 = 1,
  kLength = 2,
  kGroupStart = 3,
  kGroupEnd = 4,
  kFixed32 = 5
};

inline constexpr std::size_t kMaxVarintBytes = 10;

inline bool read_varint_slow(const std::uint8_t*& p, const std::uint8_t* end, std::uint64_t& value) {
  std::uint64_t result = 0;
  for (unsigned i = 0; i < kMaxVarintBytes && p + i < end; ++i) {
    const std::uint64_t byte = p[i];
    // Bits past the 64th are cut off, as every Protobuf library does.
    result |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      p += i + 1;
      value = result;
      return true;
    }
  }
  return false;
}

inline bool read_varint(const std::uint8_t*& p, const std::uint8_t* end, std::uint64_t& value) {
  if (p < end && *p < 0x80) {
    value = *p++;
    return true;
  }
  return read_varint_slow(p, end, value);
}

inline bool skip_varint(const std::uint8_t*& p, const std::uint8_t* end) {
  for (unsigned i = 0; i < kMaxVarintBytes && p + i < end; ++i) {
    if (p[i] < 0x80) {
      p += i + 1;
      return true;
    }
  }
  return false;
}

constexpr std::size_t varint_size(std::uint64_t value) {
  std::size_t n = 1;
  while (value >= 0x80) {
    value >>= 7;
    ++n;
  }
  return n;
}

inline void append_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

inline void append_tag(std::string& out, std::uint32_t field, WireType type) {
  append_varint(out, (std::uint64_t{field} << 3) | type);
}

inline void append_varint_field(std::string& out, std::uint32_t field, std::uint64_t value) {
  append_tag(out, field, kVarint);
  append_varint(out, value);
}

inline void append_bytes_field(std::string& out, std::uint32_t field, std::string_view value) {
  append_tag(out, field, kLength);
  append_varint(out, value.size());
  out.append(value);
}

// One field of a message that is read field by field.
struct Field {
  std::uint32_t number = 0;
  WireType type = kVarint;
  std::uint64_t value = 0;      // kVarint, kFixed64, kFixed32
  std::string_view bytes = {};  // kLength
};

// Reads the fields of a small message one after the other. Groups are not read: they end the message as an
// error.
class FieldReader {
 public:
  explicit FieldReader(std::string_view message)
      : p_(reinterpret_cast<const std::uint8_t*>(message.data())), end_(p_ + message.size()) {}

  // False at the end and at the first malformed byte; see ok().
  bool next(Field& field);
  bool ok() const { return ok_; }

 private:
  const std::uint8_t* p_;
  const std::uint8_t* end_;
  bool ok_ = true;
};

inline bool FieldReader::next(Field& field) {
  if (p_ >= end_ || !ok_) return false;
  ok_ = false;
  std::uint64_t tag = 0;
  if (!read_varint(p_, end_, tag) || tag >> 3 == 0 || tag >> 32 != 0) return false;
  field.number = static_cast<std::uint32_t>(tag >> 3);
  field.type = static_cast<WireType>(tag & 7);
  const auto left = static_cast<std::size_t>(end_ - p_);
  switch (field.type) {
    case kVarint:
      ok_ = read_varint(p_, end_, field.value);
      return ok_;
    case kFixed64:
      if (left < 8) return false;
      std::memcpy(&field.value, p_, 8);
      p_ += 8;
      break;
    case kFixed32: {
      if (left < 4) return false;
      std::uint32_t v = 0;
      std::memcpy(&v, p_, 4);
      field.value = v;
      p_ += 4;
      break;
    }
    case kLength: {
      std::uint64_t length = 0;
      if (!read_varint(p_, end_, length) || length > static_cast<std::size_t>(end_ - p_)) return false;
      field.bytes = {reinterpret_cast<const char*>(p_), static_cast<std::size_t>(length)};
      p_ += length;
      break;
    }
    default:
      return false;
  }
  ok_ = true;
  return true;
}

}  // namespace otlpipe::worker::data::wire
