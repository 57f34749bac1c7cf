#pragma once

// Requests as instrumented services send them: a few resources and scopes, attributes that repeat as names
// and vary as values, identifiers that do not compress. Pure: the same seed gives the same bytes.

#include <cstddef>
#include <cstdint>
#include <string>

#include "worker/data/signal.h"

namespace otlpipe::bench {

// An Export…ServiceRequest with exactly `records` spans, data points or log records. 1,000 spans are about
// 530 bytes a span.
std::string make_payload(worker::Signal signal, std::size_t records, std::uint64_t seed);

}  // namespace otlpipe::bench
