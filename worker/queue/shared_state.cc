#include "worker/queue/shared_state.h"

namespace otlpipe::worker::queue {

std::shared_ptr<const ExporterShared> make_shared_state(const std::string& name, const QueueOptions& queue,
                                                        const RetryOptions& retry,
                                                        telemetry::Registry& registry,
                                                        std::shared_ptr<telemetry::ExporterStatus> status,
                                                        const Logger& log) {
  auto budget = std::make_shared<QueueBudget>(queue.max_items, queue.max_bytes);
  const telemetry::Labels labels = {{"exporter", name}};
  const auto gauge = [&](const char* metric, const char* help, std::uint64_t (QueueBudget::*read)() const) {
    registry.gauge(metric, help, labels, budget,
                   [b = budget.get(), read] { return static_cast<double>((b->*read)()); });
  };
  gauge("otlpipe_exporter_queue_items", "Records that wait or are on the wire", &QueueBudget::items);
  gauge("otlpipe_exporter_queue_bytes", "Bytes that wait or are on the wire", &QueueBudget::bytes);
  gauge("otlpipe_exporter_queue_capacity_items", "Records that fit", &QueueBudget::max_items);
  gauge("otlpipe_exporter_queue_capacity_bytes", "Bytes that fit", &QueueBudget::max_bytes);
  return std::make_shared<const ExporterShared>(
      ExporterShared{name, queue, retry, std::move(budget), telemetry::ExporterMetrics(registry, name),
                     std::move(status), log.named("exporter/" + name)});
}

}  // namespace otlpipe::worker::queue
