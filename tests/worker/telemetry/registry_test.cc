#include "worker/telemetry/registry.h"

#include <thread>

#include <gtest/gtest.h>

#include "worker/telemetry/component_metrics.h"
#include "worker/telemetry/exporter_status.h"
#include "worker/telemetry/process.h"

namespace otlpipe::worker::telemetry {
namespace {

TEST(Registry, CoresCountApartAndAreReadTogetherWhileTheyCount) {
  Registry registry(2);
  const auto counter = registry.counter("records", "Records", {});
  std::thread other([&] {
    for (int i = 0; i < 10'000; ++i) counter->cell(1).add(1);
  });
  for (int i = 0; i < 10'000; ++i) counter->cell(0).add(1);
  EXPECT_GE(registry.sum("records", {}), 10'000U);
  other.join();
  EXPECT_EQ(registry.sum("records", {}), 20'000U);
}

TEST(Registry, SameNameAndLabelsIsTheSameCounter) {
  Registry registry(1);
  registry.counter("records", "Records", {{"signal", "logs"}})->cell(0).add(3);
  registry.counter("records", "Records", {{"signal", "logs"}})->cell(0).add(4);
  registry.counter("records", "Records", {{"signal", "traces"}})->cell(0).add(100);
  EXPECT_EQ(registry.sum("records", {{"signal", "logs"}}), 7U);
  EXPECT_EQ(registry.sum("records", {}), 107U);
  EXPECT_EQ(registry.sum("nothing", {}), 0U);
}

TEST(Registry, GaugeGoesWithItsOwnerAndIsReplacedByItsSuccessor) {
  Registry registry(1);
  auto first = std::make_shared<int>(1);
  auto second = std::make_shared<int>(2);
  registry.gauge("depth", "Depth", {}, first, [p = first.get()] { return *p; });
  registry.gauge("depth", "Depth", {}, second, [p = second.get()] { return *p; });
  EXPECT_EQ(registry.sum("depth", {}), 2U);
  second.reset();
  EXPECT_TRUE(registry.collect().empty());
}

TEST(Registry, PrometheusTextHasTypesHelpAndLabels) {
  Registry registry(1);
  registry.counter("otlpipe_records", "Records that passed", {{"signal", "logs"}})->cell(0).add(3);
  const auto owner = std::make_shared<int>(0);
  registry.gauge("otlpipe_depth", "Depth", {}, owner, [] { return 1.5; });
  const std::string text = prometheus_text(registry.collect());
  EXPECT_NE(text.find("# TYPE otlpipe_records counter"), std::string::npos) << text;
  EXPECT_NE(text.find("otlpipe_records{signal=\"logs\"} 3"), std::string::npos) << text;
  EXPECT_NE(text.find("# TYPE otlpipe_depth gauge"), std::string::npos) << text;
  EXPECT_NE(text.find("otlpipe_depth 1.5"), std::string::npos) << text;
}

TEST(Flow, ReceiverFlowAddsUpItsProtocols) {
  Registry registry(1);
  ReceiverMetrics(registry, "otlp", "grpc").accepted.add(Signal::kLogs, 0, 3);
  ReceiverMetrics(registry, "otlp", "http").accepted.add(Signal::kLogs, 0, 4);
  ReceiverMetrics(registry, "otlp", "http").refused.add(Signal::kLogs, 0, 5);
  ReceiverMetrics(registry, "other", "http").accepted.add(Signal::kLogs, 0, 100);
  const Flow flow = receiver_flow(registry, "otlp", Signal::kLogs);
  EXPECT_EQ(flow.received, 7U);
  EXPECT_EQ(flow.refused, 5U);
  EXPECT_EQ(receiver_flow(registry, "otlp", Signal::kTraces).received, 0U);
}

TEST(ExporterStatus, GetsWorseWithFailuresInARowAndWellWithASuccess) {
  ExporterStatus status;
  EXPECT_EQ(status.health(), Health::kUnknown);
  status.failed("refused");
  EXPECT_EQ(status.health(), Health::kDegraded);
  status.failed("refused");
  status.failed("no route");
  EXPECT_EQ(status.health(), Health::kFailing);
  EXPECT_EQ(status.last_error(), "no route");
  status.succeeded();
  EXPECT_EQ(status.health(), Health::kHealthy);
  EXPECT_EQ(status.last_error(), "");
}

TEST(Process, HasMemoryAndUsesTime) {
  EXPECT_GT(resident_bytes(), 100'000U);
  EXPECT_GT(cpu_seconds(), 0.0);
}

}  // namespace
}  // namespace otlpipe::worker::telemetry
