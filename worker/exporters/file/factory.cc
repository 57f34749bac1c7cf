#include "worker/exporters/file/factory.h"

#include <utility>

#include "otlpipe/v1alpha1/exporters.pb.h"
#include "worker/exporters/file/sender.h"
#include "worker/queue/queued_exporter.h"

namespace otlpipe::worker::exporters::file {
namespace {

class Plan final : public pipeline::ExporterPlan {
 public:
  Plan(std::shared_ptr<LineWriter> output, std::shared_ptr<const queue::ExporterShared> shared)
      : output_(std::move(output)), shared_(std::move(shared)) {}

  std::shared_ptr<pipeline::Exporter> instantiate(pipeline::CoreContext& core) const override {
    return queue::make_queued_exporter(shared_, core, make_sender(output_));
  }

 private:
  std::shared_ptr<LineWriter> output_;
  std::shared_ptr<const queue::ExporterShared> shared_;
};

class Factory final : public pipeline::ExporterFactory {
 public:
  Result<std::shared_ptr<const pipeline::ExporterPlan>> plan(
      const v1alpha1::Exporter& exporter, std::shared_ptr<telemetry::ExporterStatus> status,
      const pipeline::PlanContext& context) const override {
    if (!exporter.has_file()) return nullptr;
    auto output = open_line_file(exporter.file().path());
    if (!output) {
      return fail(output.error().code, output.error().to_string(), "file.path");
    }
    auto shared =
        queue::make_shared_state(exporter.name(), {}, {}, context.registry, std::move(status), context.log);
    return std::make_shared<Plan>(std::move(*output), std::move(shared));
  }
};

}  // namespace

std::unique_ptr<pipeline::ExporterFactory> make_factory() {
  return std::make_unique<Factory>();
}

}  // namespace otlpipe::worker::exporters::file
