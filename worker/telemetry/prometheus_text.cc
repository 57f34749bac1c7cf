#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include "worker/telemetry/registry.h"

namespace otlpipe::worker::telemetry {

std::string prometheus_text(const std::vector<Family>& families) {
  std::vector<prometheus::MetricFamily> out;
  out.reserve(families.size());
  for (const Family& family : families) {
    prometheus::MetricFamily to{
        family.name,
        family.help,
        family.counter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge,
        {}};
    for (const Sample& sample : family.samples) {
      prometheus::ClientMetric metric;
      for (const auto& [name, value] : sample.labels) metric.label.push_back({name, value});
      (family.counter ? metric.counter.value : metric.gauge.value) = sample.value;
      to.metric.push_back(std::move(metric));
    }
    out.push_back(std::move(to));
  }
  return prometheus::TextSerializer().Serialize(out);
}

}  // namespace otlpipe::worker::telemetry
