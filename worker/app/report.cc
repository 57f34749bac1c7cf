#include "worker/app/report.h"

#include <chrono>

#include "otlpipe/control/v1/control.pb.h"
#include "worker/telemetry/component_metrics.h"
#include "worker/telemetry/process.h"

namespace otlpipe::worker::app {
namespace {

namespace pb = otlpipe::control::v1;

pb::Signal signal_of(Signal signal) {
  switch (signal) {
    case Signal::kTraces:
      return pb::SIGNAL_TRACES;
    case Signal::kMetrics:
      return pb::SIGNAL_METRICS;
    case Signal::kLogs:
      break;
  }
  return pb::SIGNAL_LOGS;
}

pb::Health health_of(telemetry::Health health) {
  switch (health) {
    case telemetry::Health::kHealthy:
      return pb::HEALTH_HEALTHY;
    case telemetry::Health::kDegraded:
      return pb::HEALTH_DEGRADED;
    case telemetry::Health::kFailing:
      return pb::HEALTH_FAILING;
    case telemetry::Health::kUnknown:
      break;
  }
  return pb::HEALTH_UNKNOWN;
}

using ReadFlow = telemetry::Flow (*)(const telemetry::Registry&, const std::string&, Signal);

template <typename ComponentReport>
void fill_component(ComponentReport& report, const std::string& name, const telemetry::Registry& registry,
                    ReadFlow read) {
  report.set_name(name);
  for (const Signal signal : kAllSignals) {
    const telemetry::Flow flow = read(registry, name, signal);
    pb::Counters& counters = *report.add_counters();
    counters.set_signal(signal_of(signal));
    counters.set_received(flow.received);
    counters.set_refused(flow.refused);
    counters.set_rejected(flow.rejected);
    counters.set_sent(flow.sent);
    counters.set_failed(flow.failed);
    counters.set_dropped(flow.dropped);
  }
}

}  // namespace

void fill_report(const Supervisor& supervisor, pb::Report& report) {
  const telemetry::Registry& registry = supervisor.registry();
  report.set_hash(supervisor.hash());
  if (const auto plan = supervisor.engine().plan()) {
    for (const std::string& name : plan->receiver_names) {
      fill_component(*report.add_receivers(), name, registry, telemetry::receiver_flow);
    }
    for (const std::string& name : plan->processor_names) {
      fill_component(*report.add_processors(), name, registry, telemetry::processor_flow);
    }
    for (const pipeline::ExporterNode& node : plan->exporters) {
      pb::ExporterReport& exporter = *report.add_exporters();
      fill_component(exporter, node.name, registry, telemetry::exporter_flow);
      const telemetry::Labels labels = {{"exporter", node.name}};
      pb::QueueReport& queue = *exporter.mutable_queue();
      queue.set_items(registry.sum("otlpipe_exporter_queue_items", labels));
      queue.set_bytes(registry.sum("otlpipe_exporter_queue_bytes", labels));
      queue.set_max_items(registry.sum("otlpipe_exporter_queue_capacity_items", labels));
      queue.set_max_bytes(registry.sum("otlpipe_exporter_queue_capacity_bytes", labels));
      exporter.set_health(health_of(node.status->health()));
      exporter.set_last_error(node.status->last_error());
    }
  }
  report.set_uptime_seconds(
      std::chrono::duration<double>(supervisor.clock().now() - supervisor.started()).count());
  report.set_rss_bytes(telemetry::resident_bytes());
  report.set_draining(supervisor.draining());
  report.set_memory_used_bytes(supervisor.engine().memory().used());
  report.set_memory_budget_bytes(supervisor.engine().memory().limit());
}

}  // namespace otlpipe::worker::app
