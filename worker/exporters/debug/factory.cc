#include "worker/exporters/debug/factory.h"

#include <utility>

#include "otlpipe/v1alpha1/exporters.pb.h"
#include "worker/exporters/debug/sender.h"
#include "worker/queue/queued_exporter.h"

namespace otlpipe::worker::exporters::debug {
namespace {

Verbosity read_verbosity(v1alpha1::Verbosity verbosity) {
  switch (verbosity) {
    case v1alpha1::VERBOSITY_NORMAL:
      return Verbosity::kNormal;
    case v1alpha1::VERBOSITY_DETAILED:
      return Verbosity::kDetailed;
    default:
      return Verbosity::kBasic;
  }
}

class Plan final : public pipeline::ExporterPlan {
 public:
  Plan(Verbosity verbosity, std::shared_ptr<const queue::ExporterShared> shared)
      : verbosity_(verbosity), shared_(std::move(shared)), output_(make_stdout_writer()) {}

  std::shared_ptr<pipeline::Exporter> instantiate(pipeline::CoreContext& core) const override {
    return queue::make_queued_exporter(shared_, core, make_sender(verbosity_, output_));
  }

 private:
  Verbosity verbosity_;
  std::shared_ptr<const queue::ExporterShared> shared_;
  std::shared_ptr<LineWriter> output_;
};

class Factory final : public pipeline::ExporterFactory {
 public:
  Result<std::shared_ptr<const pipeline::ExporterPlan>> plan(
      const v1alpha1::Exporter& exporter, std::shared_ptr<telemetry::ExporterStatus> status,
      const pipeline::PlanContext& context) const override {
    if (!exporter.has_debug()) return nullptr;
    auto shared =
        queue::make_shared_state(exporter.name(), {}, {}, context.registry, std::move(status), context.log);
    return std::make_shared<Plan>(read_verbosity(exporter.debug().verbosity()), std::move(shared));
  }
};

}  // namespace

std::unique_ptr<pipeline::ExporterFactory> make_factory() {
  return std::make_unique<Factory>();
}

}  // namespace otlpipe::worker::exporters::debug
