#pragma once

// The one validating pass over a request's bytes. What it accepts, every Protobuf library can read; what OTLP
// calls bad data (cut short, a length past its parent, field number 0, wire types 6 and 7, varints over 10
// bytes, unbalanced groups, a known field with another wire type than its own) it refuses. Unknown fields and
// well-formed unknown groups are fine. Text is not checked for UTF-8. Pure and thread safe; the bytes may
// come from anybody.

#include <cstdint>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "worker/data/signal.h"

namespace otlpipe::worker::data {

struct Counts {
  std::uint64_t resources = 0;
  std::uint64_t scopes = 0;
  std::uint64_t records = 0;

  bool operator==(const Counts&) const = default;
};

// Messages and groups inside each other beyond this are refused, as Protobuf's own parsers do.
inline constexpr int kMaxDepth = 100;

// kInvalidArgument with the offset of the bad byte and the message that it belongs to.
Result<Counts> scan(Signal signal, ByteView request);

}  // namespace otlpipe::worker::data
