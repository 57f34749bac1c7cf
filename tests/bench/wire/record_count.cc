#include "tests/bench/wire/record_count.h"

#include <span>

#include "worker/data/scan.h"
#include "worker/data/wire.h"

namespace otlpipe::bench {
namespace {

namespace wire = worker::data::wire;

constexpr std::uint32_t field(unsigned number) {
  return std::uint32_t{1} << number;
}
// The fields that lead to the records, a mask of numbers for each level: resource, scope, (metric, kind of
// data,) record.
constexpr std::uint32_t kSpanPath[] = {field(1), field(2), field(2)};
constexpr std::uint32_t kPointPath[] = {field(1), field(2), field(2),
                                        field(5) | field(7) | field(9) | field(10) | field(11), field(1)};

bool walk(const std::uint8_t* p, const std::uint8_t* end, std::span<const std::uint32_t> path,
          std::uint64_t& count) {
  while (p < end) {
    std::uint64_t tag = 0;
    if (!wire::read_varint(p, end, tag)) return false;
    const auto left = [&] { return static_cast<std::uint64_t>(end - p); };
    switch (static_cast<unsigned>(tag & 7)) {
      case wire::kVarint:
        if (!wire::skip_varint(p, end)) return false;
        break;
      case wire::kFixed64:
      case wire::kFixed32: {
        const std::uint64_t size = (tag & 7) == wire::kFixed64 ? 8 : 4;
        if (left() < size) return false;
        p += size;
        break;
      }
      case wire::kLength: {
        std::uint64_t length = 0;
        if (!wire::read_varint(p, end, length) || length > left()) return false;
        const std::uint64_t number = tag >> 3;
        if (number < 32 && ((path[0] >> number) & 1) != 0) {
          if (path.size() == 1) {
            ++count;
          } else if (!walk(p, p + length, path.subspan(1), count)) {
            return false;
          }
        }
        p += length;
        break;
      }
      default:
        return false;
    }
  }
  return true;
}

}  // namespace

std::optional<std::uint64_t> count_records(worker::Signal signal, ByteView request) {
  const std::span<const std::uint32_t> path =
      signal == worker::Signal::kMetrics ? std::span<const std::uint32_t>(kPointPath) : kSpanPath;
  std::uint64_t count = 0;
  if (walk(request.data(), request.data() + request.size(), path, count)) return count;
  // Cut short, or with unknown groups, which nobody sends: the full scan tells which.
  const auto counts = worker::data::scan(signal, request);
  if (!counts) return std::nullopt;
  return counts->records;
}

}  // namespace otlpipe::bench
