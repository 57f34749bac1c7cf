#include "worker/data/index.h"

#include "worker/data/layout.h"
#include "worker/data/wire.h"

namespace otlpipe::worker::data {
namespace {

// The fields that lead from a request down to its records; bit n stands for field n. Records are at the last
// level.
struct Levels {
  const std::uint32_t* masks;
  std::size_t count;
};

constexpr std::uint32_t bit(int field) {
  return std::uint32_t{1} << field;
}
constexpr std::uint32_t kPlainLevels[] = {bit(1), bit(2), bit(2)};
constexpr std::uint32_t kMetricsLevels[] = {bit(1), bit(2), bit(2),
                                            bit(5) | bit(7) | bit(9) | bit(10) | bit(11), bit(1)};

Levels levels_of(Signal signal) {
  if (signal == Signal::kMetrics) return {kMetricsLevels, std::size(kMetricsLevels)};
  return {kPlainLevels, std::size(kPlainLevels)};
}

class Builder {
 public:
  Builder(const std::uint8_t* base, Levels levels) : base_(base), levels_(levels) {}

  // The fields of one message of the level.
  bool walk(const std::uint8_t* p, const std::uint8_t* end, std::size_t level) {
    while (p < end) {
      const std::uint8_t* const begin = p;
      std::uint64_t tag = 0;
      if (!wire::read_varint(p, end, tag)) return false;
      const std::uint64_t number = tag >> 3;
      if ((tag & 7) == wire::kLength) {
        std::uint64_t length = 0;
        if (!wire::read_varint(p, end, length) || length > static_cast<std::size_t>(end - p)) return false;
        const bool wanted = number < 32 && ((levels_.masks[level] >> number) & 1) != 0;
        if (wanted && !add(begin, p, p + length, static_cast<std::uint32_t>(number), level)) return false;
        p += length;
      } else if (!skip(tag, p, end)) {
        return false;
      }
    }
    return true;
  }

  Index take() { return std::move(index_); }

 private:
  bool add(const std::uint8_t* begin, const std::uint8_t* payload, const std::uint8_t* end,
           std::uint32_t field, std::size_t level) {
    const std::size_t at = index_.nodes.size();
    const bool record = level + 1 == levels_.count;
    index_.nodes.push_back({offset(begin), offset(payload), offset(end), field, 0, record});
    if (record) {
      ++index_.records;
    } else if (!walk(payload, end, level + 1)) {
      return false;
    }
    index_.nodes[at].subtree_end = static_cast<std::uint32_t>(index_.nodes.size());
    return true;
  }

  static bool skip(std::uint64_t tag, const std::uint8_t*& p, const std::uint8_t* end) {
    switch (static_cast<unsigned>(tag & 7)) {
      case wire::kVarint:
        return wire::skip_varint(p, end);
      case wire::kFixed64:
      case wire::kFixed32: {
        const std::ptrdiff_t size = (tag & 7) == wire::kFixed64 ? 8 : 4;
        if (end - p < size) return false;
        p += size;
        return true;
      }
      case wire::kLength: {
        std::uint64_t n = 0;
        if (!wire::read_varint(p, end, n) || n > static_cast<std::size_t>(end - p)) return false;
        p += n;
        return true;
      }
      case wire::kGroupStart:
        for (std::uint64_t inner = 0; wire::read_varint(p, end, inner);) {
          if ((inner & 7) == wire::kGroupEnd) return true;
          if (!skip(inner, p, end)) return false;
        }
        return false;
      default:
        return false;
    }
  }

  std::size_t offset(const std::uint8_t* p) const { return static_cast<std::size_t>(p - base_); }

  const std::uint8_t* base_;
  Levels levels_;
  Index index_;
};

}  // namespace

Index build_index(Signal signal, ByteView request) {
  Builder builder(request.data(), levels_of(signal));
  builder.walk(request.data(), request.data() + request.size(), 0);
  return builder.take();
}

}  // namespace otlpipe::worker::data
