#pragma once

#include <cstdint>
#include <string>

#include "common/base/result.h"

namespace otlpipe::v1alpha1 {
class OtlpPipelineSpec;
class WorkerConfig;
}  // namespace otlpipe::v1alpha1

namespace otlpipe::schema {

// What a worker may fill with telemetry when neither memoryBudget nor a memory limit says.
inline constexpr std::int64_t kMemoryBudgetWithoutLimit = std::int64_t{512} << 20;
// The share of the memory limit that is the budget by default; the rest is for the process itself.
inline constexpr int kMemoryBudgetPercent = 80;
// What is left of the termination grace period, in seconds, for everything else than delivering what is held.
inline constexpr int kDrainReserveSeconds = 5;

// The data-plane part of a decoded spec, resolved: what the worker runs. Without control stream and listener
// overrides, which are the caller's to add. Pure. Fails only on a spec that `decode` would not have let
// through.
Result<v1alpha1::WorkerConfig> resolve_worker_config(const v1alpha1::OtlpPipelineSpec& spec,
                                                     const std::string& pipeline_namespace,
                                                     const std::string& name);

}  // namespace otlpipe::schema
