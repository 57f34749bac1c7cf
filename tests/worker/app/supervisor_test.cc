#include "worker/app/supervisor.h"

#include <gtest/gtest.h>

#include "otlpipe/control/v1/control.pb.h"
#include "tests/worker/app/harness.h"
#include "worker/app/report.h"

namespace otlpipe::worker::app {
namespace {

using testing::Backend;
using testing::config_json;
using testing::eventually;
using testing::RunningWorker;
using testing::Traffic;

TEST(Supervisor, SaysWhichListenersAreOpenAndWhere) {
  RunningWorker worker(1);
  ASSERT_TRUE(worker.apply(config_json({.backend_port = 1})).ok());
  ASSERT_EQ(worker.announced.size(), 3U);
  EXPECT_EQ(worker.announced[0], "otlp/grpc 127.0.0.1:" + std::to_string(worker.port("grpc")));
  EXPECT_EQ(worker.announced[1], "otlp/http 127.0.0.1:" + std::to_string(worker.port("http")));
  EXPECT_TRUE(worker.announced[2].starts_with("metrics 127.0.0.1:"));
}

TEST(Supervisor, BadConfigurationIsRefusedWithItsPathsAndTheOldOneRunsOn) {
  RunningWorker worker(1);
  Backend backend;
  const std::string good = config_json({.backend_port = backend.port()});
  ASSERT_TRUE(worker.apply(good).ok());
  const std::string hash = worker.supervisor().hash();
  const auto outcome =
      worker.apply(config_json({.backend_port = backend.port(), .batch = R"({"timeout":"soon"})"}));
  ASSERT_FALSE(outcome.ok());
  EXPECT_FALSE(outcome.environment);
  EXPECT_EQ(outcome.errors[0].path, "processors[0].batch.timeout");
  EXPECT_FALSE(worker.apply("{ not json").ok());
  EXPECT_EQ(worker.supervisor().hash(), hash);
  Traffic client(worker.port("grpc"), "a", 5);
  EXPECT_TRUE(eventually([&] { return client.acknowledged().size() >= 5; }));
}

TEST(Supervisor, PortThatIsTakenIsTheEnvironmentsFaultAndNamed) {
  Backend taken;
  RunningWorker worker;
  std::string json = config_json({.backend_port = 1});
  const std::string any = R"("protocol":"grpc","address":"127.0.0.1","port":0)";
  json.replace(json.find(any), any.size(),
               R"("protocol":"grpc","address":"127.0.0.1","port":)" + std::to_string(taken.port()));
  const auto outcome = worker.apply(json);
  ASSERT_FALSE(outcome.ok());
  EXPECT_TRUE(outcome.environment);
  EXPECT_NE(outcome.errors[0].to_string().find(std::to_string(taken.port())), std::string::npos)
      << outcome.errors[0].to_string();
  EXPECT_NE(outcome.errors[0].to_string().find("otlp"), std::string::npos);
  EXPECT_TRUE(worker.announced.empty());
}

TEST(Supervisor, MetricsPortOfARejectedConfigurationLeavesNoTrace) {
  const auto replaced = [](std::string text, const std::string& what, const std::string& by) {
    return text.replace(text.find(what), what.size(), by);
  };
  const std::string metrics = R"({"protocol":"metrics","address":"127.0.0.1")";
  const std::string elsewhere = R"({"protocol":"metrics","address":"127.0.0.2")";
  const std::string grpc = R"("protocol":"grpc","address":"127.0.0.1","port":)";
  Backend taken;
  RunningWorker worker(1);
  const std::string good = config_json({.backend_port = 1});
  ASSERT_TRUE(worker.apply(good).ok());
  const std::string moved = replaced(good, metrics, elsewhere);
  ASSERT_FALSE(worker.apply(replaced(moved, grpc + "0", grpc + std::to_string(taken.port()))).ok());
  const std::size_t announced = worker.announced.size();
  ASSERT_TRUE(worker.apply(good + " ").ok());  // another hash
  EXPECT_EQ(worker.announced.size(), announced);
  ASSERT_TRUE(worker.apply(moved).ok());
  EXPECT_TRUE(worker.announced.back().starts_with("metrics 127.0.0.2:")) << worker.announced.back();
}

TEST(Supervisor, SecondWorkerCannotShareThePortOfTheFirst) {
  RunningWorker first;
  ASSERT_TRUE(first.apply(config_json({.backend_port = 1})).ok());
  RunningWorker second;
  std::string json = config_json({.backend_port = 1});
  const std::string any = R"("protocol":"grpc","address":"127.0.0.1","port":0)";
  json.replace(json.find(any), any.size(),
               R"("protocol":"grpc","address":"127.0.0.1","port":)" + std::to_string(first.port("grpc")));
  EXPECT_FALSE(second.apply(json).ok());
}

TEST(Supervisor, SameConfigurationAgainChangesNothing) {
  RunningWorker worker(1);
  const std::string json = config_json({.backend_port = 1});
  ASSERT_TRUE(worker.apply(json).ok());
  const auto plan = worker.engine().plan();
  ASSERT_TRUE(worker.apply(json).ok());
  EXPECT_EQ(worker.engine().plan(), plan);
}

TEST(Supervisor, ChangedListenerSettingsOpenAnewWithoutFreeingThePortFirst) {
  RunningWorker worker;
  ASSERT_TRUE(worker.apply(config_json({.backend_port = 1})).ok());
  std::string json = config_json({.backend_port = 1, .http = R"({"port":4318,"maxMessageSize":"1Mi"})"});
  const std::string any = R"("protocol":"http","address":"127.0.0.1","port":0)";
  json.replace(json.find(any), any.size(),
               R"("protocol":"http","address":"127.0.0.1","port":)" + std::to_string(worker.port("http")));
  const int port = worker.port("http");
  const auto outcome = worker.apply(json);
  ASSERT_TRUE(outcome.ok()) << outcome.errors[0].to_string();
  EXPECT_EQ(worker.port("http"), port);
}

TEST(Supervisor, ReportTellsFlowQueuesAndHealth) {
  Backend backend;
  RunningWorker worker(1);
  ASSERT_TRUE(worker.apply(config_json({.backend_port = backend.port()})).ok());
  Traffic client(worker.port("grpc"), "a", 5);
  ASSERT_TRUE(eventually([&] { return client.acknowledged().size() >= 50; }));
  client.stop();
  otlpipe::control::v1::Report report;
  fill_report(worker.supervisor(), report);
  EXPECT_EQ(report.hash(), worker.supervisor().hash());
  ASSERT_EQ(report.receivers_size(), 1);
  EXPECT_GE(report.receivers(0).counters(2).received(), 50U);
  ASSERT_EQ(report.processors_size(), 1);
  ASSERT_EQ(report.exporters_size(), 1);
  EXPECT_EQ(report.exporters(0).counters(2).signal(), otlpipe::control::v1::SIGNAL_LOGS);
  EXPECT_GE(report.exporters(0).counters(2).sent(), 50U);
  EXPECT_EQ(report.exporters(0).health(), otlpipe::control::v1::HEALTH_HEALTHY);
  EXPECT_EQ(report.exporters(0).queue().max_items(), 10'000U);
  EXPECT_GT(report.rss_bytes(), 0U);
  EXPECT_EQ(report.memory_budget_bytes(), 64U << 20);
}

}  // namespace
}  // namespace otlpipe::worker::app
