#include "proto/schema/worker_config.h"

#include <algorithm>

#include "otlpipe/v1alpha1/pipeline.pb.h"
#include "otlpipe/v1alpha1/worker_config.pb.h"
#include "proto/schema/quantity.h"

namespace otlpipe::schema {
namespace {

Result<std::int64_t> memory_budget(const v1alpha1::OtlpPipelineSpec& spec) {
  if (spec.has_memory_budget()) return spec.memory_budget();
  const auto& limits = spec.resources().limits();
  const auto limit = limits.find("memory");
  if (limit == limits.end()) return kMemoryBudgetWithoutLimit;
  const auto bytes = Quantity::parse(limit->second);
  if (!bytes) return fail(Code::kInvalidArgument, bytes.error().message, "spec.resources.limits.memory");
  constexpr std::int64_t kLeast = 1 << 20;
  return std::max(bytes->ceil() / 100 * kMemoryBudgetPercent, kLeast);
}

}  // namespace

Result<v1alpha1::WorkerConfig> resolve_worker_config(const v1alpha1::OtlpPipelineSpec& spec,
                                                     const std::string& pipeline_namespace,
                                                     const std::string& name) {
  const auto budget = memory_budget(spec);
  if (!budget) return tl::unexpected(budget.error());
  v1alpha1::WorkerConfig config;
  config.mutable_identity()->set_namespace_(pipeline_namespace);
  config.mutable_identity()->set_name(name);
  *config.mutable_receivers() = spec.receivers();
  *config.mutable_processors() = spec.processors();
  *config.mutable_exporters() = spec.exporters();
  *config.mutable_pipelines() = spec.pipelines();
  *config.mutable_telemetry() = spec.telemetry();
  config.set_memory_budget(*budget);
  const std::int64_t grace = spec.termination_grace_period_seconds();
  config.mutable_drain_timeout()->set_seconds(
      std::max<std::int64_t>(grace - kDrainReserveSeconds, grace / 2));
  return config;
}

}  // namespace otlpipe::schema
