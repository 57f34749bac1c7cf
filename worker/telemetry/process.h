#pragma once

#include <cstdint>

#include "common/time/clock.h"
#include "worker/telemetry/registry.h"

namespace otlpipe::worker::telemetry {

// The process' resident memory in bytes, from /proc/self/statm; 0 where there is no such file.
std::uint64_t resident_bytes();
// CPU time of all threads so far.
double cpu_seconds();

// otlpipe_process_…: memory, CPU time, time since `start`. They live as long as `owner`.
void register_process_metrics(Registry& registry, const std::shared_ptr<const void>& owner,
                              const Clock& clock, MonotonicTime start);

}  // namespace otlpipe::worker::telemetry
