#include "worker/telemetry/component_metrics.h"

namespace otlpipe::worker::telemetry {

SignalCounters::SignalCounters(Registry& registry, const std::string& name, const std::string& help,
                               const Labels& labels) {
  for (const Signal signal : kAllSignals) {
    Labels all = labels;
    all.emplace_back("signal", to_string(signal));
    counters_[static_cast<std::size_t>(signal)] = registry.counter(name, help, all);
  }
}

ReceiverMetrics::ReceiverMetrics(Registry& r, const std::string& receiver, const std::string& protocol)
    : accepted(r, "otlpipe_receiver_accepted_records", "Records whose client heard success",
               {{"receiver", receiver}, {"protocol", protocol}}),
      refused(r, "otlpipe_receiver_refused_records", "Records whose client was told to come back later",
              {{"receiver", receiver}, {"protocol", protocol}}),
      rejected(r, "otlpipe_receiver_rejected_records", "Records that were refused for good",
               {{"receiver", receiver}, {"protocol", protocol}}),
      rejected_requests(r, "otlpipe_receiver_rejected_requests",
                        "Requests that were refused for good: malformed or too large",
                        {{"receiver", receiver}, {"protocol", protocol}}) {}

ProcessorMetrics::ProcessorMetrics(Registry& r, const std::string& processor, const std::string& pipeline)
    : incoming(r, "otlpipe_processor_incoming_records", "Records into a processor",
               {{"processor", processor}, {"pipeline", pipeline}}),
      outgoing(r, "otlpipe_processor_outgoing_records", "Records out of a processor",
               {{"processor", processor}, {"pipeline", pipeline}}),
      batches(r, "otlpipe_processor_outgoing_batches", "Batches out of a processor",
              {{"processor", processor}, {"pipeline", pipeline}}) {}

ExporterMetrics::ExporterMetrics(Registry& r, const std::string& exporter)
    : sent(r, "otlpipe_exporter_sent_records", "Records that the backend has", {{"exporter", exporter}}),
      failed(r, "otlpipe_exporter_send_failed_records", "Records in attempts that failed and are tried again",
             {{"exporter", exporter}}),
      rejected(r, "otlpipe_exporter_rejected_records", "Records that the backend refused for good",
               {{"exporter", exporter}}),
      refused(r, "otlpipe_exporter_refused_records",
              "Records that found the queue full and went back to their client", {{"exporter", exporter}}),
      dropped(r, "otlpipe_exporter_dropped_records", "Records that were lost here",
              {{"exporter", exporter}}) {}

Flow receiver_flow(const Registry& registry, const std::string& receiver, Signal signal) {
  const Labels labels = {{"receiver", receiver}, {"signal", std::string(to_string(signal))}};
  Flow flow;
  flow.received = registry.sum("otlpipe_receiver_accepted_records", labels);
  flow.refused = registry.sum("otlpipe_receiver_refused_records", labels);
  flow.rejected = registry.sum("otlpipe_receiver_rejected_records", labels);
  return flow;
}

Flow processor_flow(const Registry& registry, const std::string& processor, Signal signal) {
  const Labels labels = {{"processor", processor}, {"signal", std::string(to_string(signal))}};
  Flow flow;
  flow.received = registry.sum("otlpipe_processor_incoming_records", labels);
  flow.sent = registry.sum("otlpipe_processor_outgoing_records", labels);
  return flow;
}

Flow exporter_flow(const Registry& registry, const std::string& exporter, Signal signal) {
  const Labels labels = {{"exporter", exporter}, {"signal", std::string(to_string(signal))}};
  Flow flow;
  flow.sent = registry.sum("otlpipe_exporter_sent_records", labels);
  flow.failed = registry.sum("otlpipe_exporter_send_failed_records", labels);
  flow.rejected = registry.sum("otlpipe_exporter_rejected_records", labels);
  flow.refused = registry.sum("otlpipe_exporter_refused_records", labels);
  flow.dropped = registry.sum("otlpipe_exporter_dropped_records", labels);
  return flow;
}

}  // namespace otlpipe::worker::telemetry
