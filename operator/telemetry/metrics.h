#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "operator/runtime/observer.h"

namespace otlpipe::telemetry {

// Where values come from that are asked for at each scrape. Thread safe functions; empty ones are left out.
struct MetricSources {
  std::function<std::map<std::string, int>()> pipelines_by_phase = {};
  std::function<std::size_t()> connected_workers = {};
};

// The operator's metrics. Names and labels follow controller-runtime where it has the same thing, so that
// dashboards carry over:
//   otlpipe_operator_reconcile_total{controller,result}   success, requeue_after, error, panic
//   otlpipe_operator_reconcile_duration_seconds{controller}
//   otlpipe_operator_workqueue_depth{controller,state}    ready, delayed
//   otlpipe_operator_watch_restarts_total{kind,reason}
//   otlpipe_operator_listed_objects{kind}
//   otlpipe_operator_events_dropped_total
//   otlpipe_operator_leader
//   otlpipe_operator_pipelines{phase}
//   otlpipe_operator_connected_workers
//   otlpipe_operator_build_info{version}
// Thread safe.
class Metrics final : public runtime::Observer {
 public:
  explicit Metrics(std::string_view version);
  ~Metrics() override;
  // Before the first text().
  void set_sources(MetricSources sources);

  // Prometheus text format 0.0.4.
  std::string text();

  void reconciled(std::string_view controller, runtime::ReconcileResult result, Duration took) override;
  void queue_depth(std::string_view controller, std::size_t ready, std::size_t delayed) override;
  void watch_restarted(std::string_view kind, std::string_view reason) override;
  void listed(std::string_view kind, std::size_t objects) override;
  void leading(bool is_leader) override;
  void event_dropped() override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace otlpipe::telemetry
