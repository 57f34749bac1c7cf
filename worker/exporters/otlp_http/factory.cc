#include "worker/exporters/otlp_http/factory.h"

#include <utility>

#include "otlpipe/v1alpha1/exporters.pb.h"
#include "worker/exporters/otlp_http/sender.h"

namespace otlpipe::worker::exporters::otlp_http {
namespace {

class Plan final : public pipeline::ExporterPlan {
 public:
  Plan(Config config, std::shared_ptr<const queue::ExporterShared> shared, const Clock& clock)
      : config_(std::make_shared<const Config>(std::move(config))),
        shared_(std::move(shared)),
        clock_(clock) {}

  compression::Compression compression() const override { return config_->compression; }

  std::shared_ptr<pipeline::Exporter> instantiate(pipeline::CoreContext& core) const override {
    return queue::make_queued_exporter(shared_, core, make_sender(config_, core.network, clock_));
  }

 private:
  std::shared_ptr<const Config> config_;
  std::shared_ptr<const queue::ExporterShared> shared_;
  const Clock& clock_;
};

class Factory final : public pipeline::ExporterFactory {
 public:
  Result<std::shared_ptr<const pipeline::ExporterPlan>> plan(
      const v1alpha1::Exporter& exporter, std::shared_ptr<telemetry::ExporterStatus> status,
      const pipeline::PlanContext& context) const override {
    if (!exporter.has_otlp_http()) return nullptr;
    auto config = read_config(exporter.otlp_http());
    if (!config) return fail(std::move(config.error()));
    auto shared = queue::make_shared_state(exporter.name(), config->queue, config->retry, context.registry,
                                           std::move(status), context.log);
    return std::make_shared<Plan>(std::move(*config), std::move(shared), context.clock);
  }
};

}  // namespace

std::unique_ptr<pipeline::ExporterFactory> make_factory() {
  return std::make_unique<Factory>();
}

}  // namespace otlpipe::worker::exporters::otlp_http
