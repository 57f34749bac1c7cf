#include "operator/telemetry/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace otlpipe::telemetry {
namespace {

using ::testing::HasSubstr;

TEST(OperatorMetrics, WhatTheRuntimeObservesIsExposedUnderTheUsualNames) {
  Metrics metrics("0.1.0");
  metrics.reconciled("otlppipeline", runtime::ReconcileResult::kSuccess, std::chrono::milliseconds(3));
  metrics.reconciled("otlppipeline", runtime::ReconcileResult::kError, std::chrono::milliseconds(3));
  metrics.queue_depth("otlppipeline", 4, 2);
  metrics.watch_restarted("Pod", "expired");
  metrics.listed("Pod", 7);
  metrics.leading(true);
  metrics.event_dropped();
  const std::string text = metrics.text();
  for (const char* line :
       {R"(otlpipe_operator_reconcile_total{controller="otlppipeline",result="success"} 1)",
        R"(otlpipe_operator_reconcile_total{controller="otlppipeline",result="error"} 1)",
        R"(otlpipe_operator_reconcile_duration_seconds_count{controller="otlppipeline"} 2)",
        R"(otlpipe_operator_workqueue_depth{controller="otlppipeline",state="ready"} 4)",
        R"(otlpipe_operator_watch_restarts_total{kind="Pod",reason="expired"} 1)",
        R"(otlpipe_operator_listed_objects{kind="Pod"} 7)", "otlpipe_operator_leader 1",
        "otlpipe_operator_events_dropped_total 1", R"(otlpipe_operator_build_info{version="0.1.0"} 1)"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(OperatorMetrics, PhaseThatNobodyIsInAnyMoreGoesBackToZero) {
  Metrics metrics("0.1.0");
  std::map<std::string, int> phases{{"Ready", 2}};
  metrics.set_sources({.pipelines_by_phase = [&] { return phases; }, .connected_workers = [] { return 5; }});
  EXPECT_THAT(metrics.text(), HasSubstr(R"(otlpipe_operator_pipelines{phase="Ready"} 2)"));
  phases = {{"Invalid", 1}};
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr(R"(otlpipe_operator_pipelines{phase="Ready"} 0)"));
  EXPECT_THAT(text, HasSubstr(R"(otlpipe_operator_pipelines{phase="Invalid"} 1)"));
  EXPECT_THAT(text, HasSubstr("otlpipe_operator_connected_workers 5"));
}

}  // namespace
}  // namespace otlpipe::telemetry
