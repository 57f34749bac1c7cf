#include "worker/processors/batch/factory.h"

#include <utility>

#include "otlpipe/v1alpha1/processors.pb.h"
#include "worker/processors/batch/batch.h"

namespace otlpipe::worker::processors::batch {
namespace {

class Plan final : public pipeline::ProcessorPlan {
 public:
  Plan(const Config& config, std::shared_ptr<const telemetry::ProcessorMetrics> metrics)
      : config_(config), metrics_(std::move(metrics)) {}

  std::vector<std::string> metadata_keys() const override { return config_.metadata_keys; }

  std::unique_ptr<pipeline::Processor> instantiate(pipeline::CoreContext& core,
                                                   pipeline::Consumer& next) const override {
    return make_batch_processor(config_, metrics_, core, next);
  }

 private:
  Config config_;
  std::shared_ptr<const telemetry::ProcessorMetrics> metrics_;
};

class Factory final : public pipeline::ProcessorFactory {
 public:
  Result<std::shared_ptr<const pipeline::ProcessorPlan>> plan(
      const v1alpha1::Processor& config, const std::string& pipeline,
      const pipeline::PlanContext& context) const override {
    if (!config.has_batch()) return nullptr;
    return std::make_shared<Plan>(
        read_config(config.batch()),
        std::make_shared<const telemetry::ProcessorMetrics>(context.registry, config.name(), pipeline));
  }
};

}  // namespace

Config read_config(const v1alpha1::BatchProcessor& config) {
  return {
      static_cast<std::uint64_t>(config.max_items()),
      static_cast<std::size_t>(config.max_bytes()),
      std::chrono::seconds(config.timeout().seconds()) + std::chrono::nanoseconds(config.timeout().nanos()),
      {config.metadata_keys().begin(), config.metadata_keys().end()},
      static_cast<std::size_t>(config.metadata_cardinality_limit())};
}

std::unique_ptr<pipeline::ProcessorFactory> make_factory() {
  return std::make_unique<Factory>();
}

}  // namespace otlpipe::worker::processors::batch
