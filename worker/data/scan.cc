#include "worker/data/scan.h"

#include <string>

#include "worker/data/layout.h"
#include "worker/data/wire.h"

namespace otlpipe::worker::data {
namespace {

using wire::WireType;

// Walks by recursion, a level a message. Members hold what the whole walk shares.
class Scanner {
 public:
  explicit Scanner(const std::uint8_t* begin) : begin_(begin) {}

  bool message(const MessageLayout& layout, const std::uint8_t* p, const std::uint8_t* end, int depth);

  Counts counts() const { return {counters_[1], counters_[2], counters_[3]}; }
  Error error() const {
    return {Code::kInvalidArgument, "malformed request: " + std::string(reason_) + " in " +
                                        std::string(where_) + " at byte " + std::to_string(at_ - begin_)};
  }

 private:
  bool bad(std::string_view reason, const MessageLayout& layout, const std::uint8_t* at) {
    reason_ = reason;
    where_ = layout.name;
    at_ = at;
    return false;
  }
  // A length and the bytes behind it; `p` ends up at their beginning.
  bool length(const MessageLayout& layout, const std::uint8_t*& p, const std::uint8_t* end, std::size_t& n);
  bool unknown(const MessageLayout& layout, std::uint64_t tag, const std::uint8_t*& p,
               const std::uint8_t* end, int depth);
  bool packed(const MessageLayout& layout, Kind kind, const std::uint8_t* p, const std::uint8_t* end);

  const std::uint8_t* begin_;
  std::uint64_t counters_[4] = {};
  std::string_view reason_;
  std::string_view where_;
  const std::uint8_t* at_ = nullptr;
};

bool Scanner::length(const MessageLayout& layout, const std::uint8_t*& p, const std::uint8_t* end,
                     std::size_t& n) {
  const std::uint8_t* const start = p;
  std::uint64_t value = 0;
  if (!wire::read_varint(p, end, value)) return bad("bad length", layout, start);
  if (value > static_cast<std::size_t>(end - p)) return bad("a length past the end", layout, start);
  n = static_cast<std::size_t>(value);
  return true;
}

bool Scanner::message(const MessageLayout& layout, const std::uint8_t* p, const std::uint8_t* end,
                      int depth) {
  if (depth > kMaxDepth) return bad("too many levels", layout, p);
  while (p < end) {
    const std::uint8_t* const start = p;
    std::uint64_t tag = 0;
    if (!wire::read_varint(p, end, tag)) return bad("bad field key", layout, start);
    const std::uint64_t number = tag >> 3;
    const FieldLayout field = number < layout.fields.size() ? layout.fields[number] : FieldLayout{};
    const auto type = static_cast<WireType>(tag & 7);
    std::size_t n = 0;
    switch (field.kind) {
      case Kind::kUnknown:
        if (!unknown(layout, tag, p, end, depth)) return false;
        continue;
      case Kind::kMessage:
        if (type != wire::kLength) break;
        if (!length(layout, p, end, n)) return false;
        ++counters_[static_cast<std::size_t>(field.counted)];
        if (!message(*field.message, p, p + n, depth + 1)) return false;
        p += n;
        continue;
      case Kind::kBytes:
        if (type != wire::kLength) break;
        if (!length(layout, p, end, n)) return false;
        p += n;
        continue;
      case Kind::kVarint:
        if (type != wire::kVarint) break;
        if (!wire::skip_varint(p, end)) return bad("bad varint", layout, start);
        continue;
      case Kind::kFixed64:
        if (type != wire::kFixed64) break;
        if (end - p < 8) return bad("cut short", layout, start);
        p += 8;
        continue;
      case Kind::kFixed32:
        if (type != wire::kFixed32) break;
        if (end - p < 4) return bad("cut short", layout, start);
        p += 4;
        continue;
      case Kind::kPackedVarint:
      case Kind::kPackedFixed64:
        if (type == wire::kLength) {
          if (!length(layout, p, end, n) || !packed(layout, field.kind, p, p + n)) return false;
          p += n;
          continue;
        }
        if (field.kind == Kind::kPackedVarint && type == wire::kVarint) {
          if (!wire::skip_varint(p, end)) return bad("bad varint", layout, start);
          continue;
        }
        if (field.kind == Kind::kPackedFixed64 && type == wire::kFixed64) {
          if (end - p < 8) return bad("cut short", layout, start);
          p += 8;
          continue;
        }
        break;
    }
    return bad("a known field with a wrong wire type", layout, start);
  }
  return true;
}

bool Scanner::packed(const MessageLayout& layout, Kind kind, const std::uint8_t* p, const std::uint8_t* end) {
  if (kind == Kind::kPackedFixed64) return (end - p) % 8 == 0 || bad("a cut-off list of numbers", layout, p);
  while (p < end) {
    if (!wire::skip_varint(p, end)) return bad("bad varint", layout, p);
  }
  return true;
}

// Skips one unknown field whose key has been read; for a group, all that is in it.
bool Scanner::unknown(const MessageLayout& layout, std::uint64_t tag, const std::uint8_t*& p,
                      const std::uint8_t* end, int depth) {
  const std::uint8_t* const start = p;
  if (tag >> 3 == 0) return bad("field number 0", layout, start);
  if (tag >> 32 != 0) return bad("a field number out of range", layout, start);
  std::size_t n = 0;
  switch (static_cast<unsigned>(tag & 7)) {
    case wire::kVarint:
      return wire::skip_varint(p, end) || bad("bad varint", layout, start);
    case wire::kFixed64:
    case wire::kFixed32: {
      const std::ptrdiff_t size = (tag & 7) == wire::kFixed64 ? 8 : 4;
      if (end - p < size) return bad("cut short", layout, start);
      p += size;
      return true;
    }
    case wire::kLength:
      if (!length(layout, p, end, n)) return false;
      p += n;
      return true;
    case wire::kGroupStart:
      break;
    case wire::kGroupEnd:
      return bad("the end of a group that has not begun", layout, start);
    default:
      return bad("an impossible wire type", layout, start);
  }
  if (depth >= kMaxDepth) return bad("too many levels", layout, start);
  while (p < end) {
    std::uint64_t inner = 0;
    if (!wire::read_varint(p, end, inner)) return bad("bad field key", layout, p);
    if ((inner & 7) == wire::kGroupEnd) return inner >> 3 == tag >> 3 || bad("unbalanced groups", layout, p);
    if (!unknown(layout, inner, p, end, depth + 1)) return false;
  }
  return bad("a group without end", layout, start);
}

}  // namespace

Result<Counts> scan(Signal signal, ByteView request) {
  Scanner scanner(request.data());
  if (!scanner.message(request_layout(signal), request.data(), request.data() + request.size(), 0)) {
    return fail(scanner.error());
  }
  return scanner.counts();
}

}  // namespace otlpipe::worker::data
