#include "operator/telemetry/metrics.h"

#include <array>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace otlpipe::telemetry {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

std::string word(runtime::ReconcileResult result) {
  switch (result) {
    case runtime::ReconcileResult::kSuccess:
      return "success";
    case runtime::ReconcileResult::kRequeueAfter:
      return "requeue_after";
    case runtime::ReconcileResult::kError:
      return "error";
    case runtime::ReconcileResult::kPanic:
      return "panic";
  }
  return "unknown";
}

// A phase that nobody is in any more shows 0 instead of what it last was.
constexpr std::array kPhases = {"Pending", "Progressing", "Ready",   "Degraded",
                                "Invalid", "Paused",      "Deleting"};

template <typename Builder>
auto& family(Builder builder, prometheus::Registry& registry, const char* name, const char* help) {
  return builder.Name(std::string("otlpipe_operator_") + name).Help(help).Register(registry);
}

}  // namespace

struct Metrics::Impl {
  prometheus::Registry registry;
  Family<Counter>& reconciles =
      family(prometheus::BuildCounter(), registry, "reconcile_total", "Reconciles by result.");
  Family<Histogram>& durations = family(prometheus::BuildHistogram(), registry, "reconcile_duration_seconds",
                                        "How long reconciles take.");
  Family<Gauge>& depth = family(prometheus::BuildGauge(), registry, "workqueue_depth", "Keys that wait.");
  Family<Counter>& watch_restarts = family(prometheus::BuildCounter(), registry, "watch_restarts_total",
                                           "Watches that had to be opened again.");
  Family<Gauge>& objects =
      family(prometheus::BuildGauge(), registry, "listed_objects", "Objects that the last list held.");
  Counter& dropped_events =
      family(prometheus::BuildCounter(), registry, "events_dropped_total", "Events that were not sent.")
          .Add({});
  Gauge& leader = family(prometheus::BuildGauge(), registry, "leader", "Whether this process leads.").Add({});
  Family<Gauge>& pipelines =
      family(prometheus::BuildGauge(), registry, "pipelines", "OtlpPipelines by phase.");
  Gauge& workers =
      family(prometheus::BuildGauge(), registry, "connected_workers", "Workers whose control stream is open.")
          .Add({});
  Family<Gauge>& build_info = family(prometheus::BuildGauge(), registry, "build_info", "Always 1.");
  MetricSources sources = {};
};

Metrics::Metrics(std::string_view version) : impl_(std::make_unique<Impl>()) {
  impl_->build_info.Add({{"version", std::string(version)}}).Set(1);
}

Metrics::~Metrics() = default;

void Metrics::set_sources(MetricSources sources) {
  impl_->sources = std::move(sources);
}

std::string Metrics::text() {
  if (impl_->sources.pipelines_by_phase) {
    const auto counts = impl_->sources.pipelines_by_phase();
    for (const char* phase : kPhases) {
      const auto found = counts.find(phase);
      impl_->pipelines.Add({{"phase", phase}}).Set(found == counts.end() ? 0 : found->second);
    }
  }
  if (impl_->sources.connected_workers) {
    impl_->workers.Set(static_cast<double>(impl_->sources.connected_workers()));
  }
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

void Metrics::reconciled(std::string_view controller, runtime::ReconcileResult result, Duration took) {
  static const Histogram::BucketBoundaries kBuckets = {0.001, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                       0.25,  0.5,   1,    2.5,   5,    10};
  const std::string name(controller);
  impl_->reconciles.Add({{"controller", name}, {"result", word(result)}}).Increment();
  impl_->durations.Add({{"controller", name}}, kBuckets).Observe(std::chrono::duration<double>(took).count());
}

void Metrics::queue_depth(std::string_view controller, std::size_t ready, std::size_t delayed) {
  const std::string name(controller);
  impl_->depth.Add({{"controller", name}, {"state", "ready"}}).Set(static_cast<double>(ready));
  impl_->depth.Add({{"controller", name}, {"state", "delayed"}}).Set(static_cast<double>(delayed));
}

void Metrics::watch_restarted(std::string_view kind, std::string_view reason) {
  impl_->watch_restarts.Add({{"kind", std::string(kind)}, {"reason", std::string(reason)}}).Increment();
}

void Metrics::listed(std::string_view kind, std::size_t objects) {
  impl_->objects.Add({{"kind", std::string(kind)}}).Set(static_cast<double>(objects));
}

void Metrics::leading(bool is_leader) {
  impl_->leader.Set(is_leader ? 1 : 0);
}

void Metrics::event_dropped() {
  impl_->dropped_events.Increment();
}

}  // namespace otlpipe::telemetry
