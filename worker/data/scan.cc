#include "worker/data/scan.h"

#include <string>

#include "worker/data/layout.h"
#include "worker/data/wire.h"

namespace otlpipe::worker::data {
namespace {

using wire::WireType;

// The bytes behind a length of one or two bytes at `p`, if all of them are there.
struct Content {
  const std::uint8_t* begin = nullptr;  // nullptr: look closer
  std::size_t size = 0;
};

inline Content content_at(const std::uint8_t* p, const std::uint8_t* end) {
  const auto left = static_cast<std::size_t>(end - p);
  if (left >= 1 && p[0] < 0x80) {
    const std::size_t size = p[0];
    return size < left ? Content{p + 1, size} : Content{};
  }
  if (left >= 2 && p[1] < 0x80) {
    const std::size_t size = (p[0] & 0x7fU) | std::size_t{p[1]} << 7;
    return size <= left - 2 ? Content{p + 2, size} : Content{};
  }
  return {};
}

// Whether a KeyValue is what nearly all are: a key, then a value that is text, a number or a truth value, in
// the order and the form in which every Protobuf library writes them. False says nothing about it.
inline bool is_plain_attribute(Content attribute) {
  constexpr std::uint8_t kKeyTag = 1 << 3 | wire::kLength;
  constexpr std::uint8_t kValueTag = 2 << 3 | wire::kLength;
  constexpr std::uint8_t kStringTag = 1 << 3 | wire::kLength;
  constexpr std::uint8_t kBoolTag = 2 << 3 | wire::kVarint;
  constexpr std::uint8_t kIntTag = 3 << 3 | wire::kVarint;
  constexpr std::uint8_t kDoubleTag = 4 << 3 | wire::kFixed64;
  const std::uint8_t* const end = attribute.begin + attribute.size;
  if (attribute.size < 4 || attribute.begin[0] != kKeyTag) return false;
  const Content key = content_at(attribute.begin + 1, end);
  if (key.begin == nullptr) return false;
  const std::uint8_t* p = key.begin + key.size;
  if (end - p < 4 || *p != kValueTag) return false;
  const Content value = content_at(p + 1, end);
  if (value.begin == nullptr || value.begin + value.size != end || value.size < 2) return false;
  p = value.begin + 1;
  switch (value.begin[0]) {
    case kStringTag: {
      const Content text = content_at(p, end);
      return text.begin != nullptr && text.begin + text.size == end;
    }
    case kBoolTag:
    case kIntTag:
      return wire::skip_varint(p, end) && p == end;
    case kDoubleTag:
      return end - p == 8;
    default:
      return false;
  }
}

// Walks by recursion, a level a message. Members hold what the whole walk shares.
class Scanner {
 public:
  explicit Scanner(const std::uint8_t* begin) : begin_(begin) {}

  bool message(const MessageLayout& layout, const std::uint8_t* p, const std::uint8_t* end, int depth);
  bool field(const MessageLayout& layout, const std::uint8_t*& p, const std::uint8_t* end, int depth);

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

// Most fields are known and well formed: their first byte says all there is to know. Whatever is not like
// that, field() looks at, and says what is wrong with it.
bool Scanner::message(const MessageLayout& layout, const std::uint8_t* p, const std::uint8_t* end,
                      int depth) {
  if (depth > kMaxDepth) return bad("too many levels", layout, p);
  while (p < end) {
    const std::uint8_t tag = *p;
    switch (tag < 0x80 ? layout.steps[tag] : Step::kLookCloser) {
      case Step::kSkipBytes:
        if (const Content content = content_at(p + 1, end); content.begin != nullptr) {
          p = content.begin + content.size;
          continue;
        }
        break;
      case Step::kEnter:
        if (const Content content = content_at(p + 1, end); content.begin != nullptr) {
          const FieldLayout& known = layout.fields[tag >> 3];
          ++counters_[static_cast<std::size_t>(known.counted)];
          const bool plain =
              known.message->attribute && depth + 2 <= kMaxDepth && is_plain_attribute(content);
          p = content.begin + content.size;
          if (!plain && !message(*known.message, content.begin, p, depth + 1)) return false;
          continue;
        }
        break;
      case Step::kSkipFixed64:
        if (end - p > 8) {
          p += 9;
          continue;
        }
        break;
      case Step::kSkipFixed32:
        if (end - p > 4) {
          p += 5;
          continue;
        }
        break;
      case Step::kSkipVarint:
        if (const std::uint8_t* behind = p + 1; wire::skip_varint(behind, end)) {
          p = behind;
          continue;
        }
        break;
      case Step::kLookCloser:
        break;
    }
    if (!field(layout, p, end, depth)) return false;
  }
  return true;
}

// One field, whatever it is like; `p` ends up behind it.
bool Scanner::field(const MessageLayout& layout, const std::uint8_t*& p, const std::uint8_t* end, int depth) {
  const std::uint8_t* const start = p;
  std::uint64_t tag = 0;
  if (!wire::read_varint(p, end, tag)) return bad("bad field key", layout, start);
  const std::uint64_t number = tag >> 3;
  const FieldLayout known = number < layout.fields.size() ? layout.fields[number] : FieldLayout{};
  const auto type = static_cast<WireType>(tag & 7);
  std::size_t n = 0;
  switch (known.kind) {
    case Kind::kUnknown:
      if (!unknown(layout, tag, p, end, depth)) return false;
      return true;
    case Kind::kMessage:
      if (type != wire::kLength) break;
      if (!length(layout, p, end, n)) return false;
      ++counters_[static_cast<std::size_t>(known.counted)];
      if (!message(*known.message, p, p + n, depth + 1)) return false;
      p += n;
      return true;
    case Kind::kBytes:
      if (type != wire::kLength) break;
      if (!length(layout, p, end, n)) return false;
      p += n;
      return true;
    case Kind::kVarint:
      if (type != wire::kVarint) break;
      if (!wire::skip_varint(p, end)) return bad("bad varint", layout, start);
      return true;
    case Kind::kFixed64:
      if (type != wire::kFixed64) break;
      if (end - p < 8) return bad("cut short", layout, start);
      p += 8;
      return true;
    case Kind::kFixed32:
      if (type != wire::kFixed32) break;
      if (end - p < 4) return bad("cut short", layout, start);
      p += 4;
      return true;
    case Kind::kPackedVarint:
    case Kind::kPackedFixed64:
      if (type == wire::kLength) {
        if (!length(layout, p, end, n) || !packed(layout, known.kind, p, p + n)) return false;
        p += n;
        return true;
      }
      if (known.kind == Kind::kPackedVarint && type == wire::kVarint) {
        if (!wire::skip_varint(p, end)) return bad("bad varint", layout, start);
        return true;
      }
      if (known.kind == Kind::kPackedFixed64 && type == wire::kFixed64) {
        if (end - p < 8) return bad("cut short", layout, start);
        p += 8;
        return true;
      }
      break;
  }
  return bad("a known field with a wrong wire type", layout, start);
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
