#pragma once

// How many spans, data points or log records a request holds, by reading the lengths of its upper levels
// only. Much cheaper than the worker's own scan, which checks every byte. Thread safe.

#include <cstdint>
#include <optional>

#include "common/base/bytes.h"
#include "worker/data/signal.h"

namespace otlpipe::bench {

// Nothing when the upper levels are not well formed, or use a wire type that OTLP has no field of.
std::optional<std::uint64_t> count_records(worker::Signal signal, ByteView request);

}  // namespace otlpipe::bench
