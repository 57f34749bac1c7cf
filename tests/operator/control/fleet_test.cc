#include "operator/control/fleet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "otlpipe/control/v1/control.pb.h"
#include "tests/support/runtime/fake_wait_clock.h"

namespace otlpipe::control {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const kube::ObjectKey kPipeline{"ns", "gateway"};

struct RecordingLink final : WorkerLink {
  std::vector<std::string> sent;
  std::string closed;
  void send_config(const std::string& hash, const std::string& json) override {
    sent.push_back(hash + "=" + json);
  }
  void close(std::string_view reason) override { closed = reason; }
};

class FleetTest : public ::testing::Test {
 protected:
  FleetTest() {
    fleet_.set_listener([this](const kube::ObjectKey& key, bool urgent) {
      heard_.push_back(key.name + (urgent ? "!" : ""));
    });
  }
  std::pair<Fleet::Session, std::shared_ptr<RecordingLink>> join(const std::string& pod,
                                                                 const std::string& hash) {
    auto link = std::make_shared<RecordingLink>();
    return {fleet_.join({kPipeline, pod, "uid-" + pod, "0.1.0"}, hash, link), link};
  }
  void answer(const Fleet::Session& session, const std::string& hash, bool accepted) {
    v1::ConfigResult result;
    result.set_hash(hash);
    result.set_accepted(accepted);
    if (!accepted) {
      auto* error = result.add_errors();
      error->set_path("exporters[0].file.path");
      error->set_message("no such folder");
    }
    fleet_.config_result(session, result);
  }

  runtime::testing::FakeWaitClock clock_;
  Fleet fleet_{{}, clock_};
  std::vector<std::string> heard_;
};

TEST_F(FleetTest, NewConfigurationReachesOneWorkerThenAll) {
  fleet_.want(kPipeline, {{"old", "{}"}, ConfigVersion{"old", "{}"}});
  auto [a, link_a] = join("a", "old");
  auto [b, link_b] = join("b", "old");
  fleet_.want(kPipeline, {{"new", "{1}"}, ConfigVersion{"old", "{}"}});
  EXPECT_THAT(link_a->sent, ElementsAre("new={1}"));
  EXPECT_THAT(link_b->sent, IsEmpty());
  answer(a, "new", true);
  EXPECT_THAT(link_b->sent, ElementsAre("new={1}"));
  answer(b, "new", true);
  const FleetReport report = fleet_.report(kPipeline);
  EXPECT_EQ(report.phase, RolloutPhase::kAccepted);
  ASSERT_EQ(report.workers.size(), 2U);
  EXPECT_TRUE(report.workers[0].applied_wanted && report.workers[1].applied_wanted);
}

TEST_F(FleetTest, RejectionNamesThePodAndItsReason) {
  fleet_.want(kPipeline, {{"old", "{}"}, ConfigVersion{"old", "{}"}});
  auto [a, link] = join("a", "old");
  fleet_.want(kPipeline, {{"bad", "{1}"}, ConfigVersion{"old", "{}"}});
  heard_.clear();
  answer(a, "bad", false);
  EXPECT_THAT(heard_, ElementsAre("gateway!"));
  const FleetReport report = fleet_.report(kPipeline);
  EXPECT_EQ(report.phase, RolloutPhase::kRejected);
  EXPECT_EQ(report.rejected_by, "a");
  EXPECT_THAT(report.problems, ElementsAre(Problem{"exporters[0].file.path", "no such folder"}));
  EXPECT_TRUE(report.workers[0].rejected_wanted);
}

TEST_F(FleetTest, ReportsOfCountersAreNotUrgentAndAddUp) {
  auto [a, link] = join("a", "old");
  heard_.clear();
  v1::Report report;
  report.set_hash("old");
  report.set_uptime_seconds(3);
  auto* received = report.add_receivers()->add_counters();
  received->set_received(100);
  received->set_refused(5);
  auto* exporter = report.add_exporters();
  exporter->set_name("backend");
  exporter->set_health(v1::HEALTH_DEGRADED);
  exporter->set_last_error("connection refused");
  exporter->mutable_queue()->set_items(90);
  exporter->mutable_queue()->set_max_items(100);
  auto* counters = exporter->add_counters();
  counters->set_sent(80);
  counters->set_dropped(1);
  counters->set_rejected(2);
  fleet_.worker_report(a, report);
  EXPECT_THAT(heard_, ElementsAre("gateway"));
  const FleetReport seen = fleet_.report(kPipeline);
  EXPECT_EQ(seen.per_minute, (Flow{.received = 100, .sent = 80, .refused = 5, .dropped = 3}));
  ASSERT_EQ(seen.exporters.size(), 1U);
  EXPECT_EQ(seen.exporters[0].health, ExporterHealth::kDegraded);
  EXPECT_EQ(seen.exporters[0].queued_items, 90U);
  EXPECT_DOUBLE_EQ(seen.exporters[0].queue_fill, 0.9);
}

TEST_F(FleetTest, ExporterThatFailsAtOneOfTwoWorkersIsDegraded) {
  for (const auto& [pod, health] : {std::pair{"a", v1::HEALTH_FAILING}, std::pair{"b", v1::HEALTH_HEALTHY}}) {
    v1::Report report;
    report.set_hash("old");
    auto* exporter = report.add_exporters();
    exporter->set_name("backend");
    exporter->set_health(health);
    fleet_.worker_report(join(pod, "old").first, report);
  }
  EXPECT_EQ(fleet_.report(kPipeline).exporters.at(0).health, ExporterHealth::kDegraded);
}

TEST_F(FleetTest, ReportedHashMakesUpForAMissedAnswer) {
  fleet_.want(kPipeline, {{"old", "{}"}, ConfigVersion{"old", "{}"}});
  auto [a, link] = join("a", "old");
  fleet_.want(kPipeline, {{"new", "{1}"}, ConfigVersion{"old", "{}"}});
  v1::Report report;
  report.set_hash("new");
  fleet_.worker_report(a, report);
  EXPECT_EQ(fleet_.report(kPipeline).phase, RolloutPhase::kAccepted);
}

TEST_F(FleetTest, SecondStreamOfAPodReplacesTheFirst) {
  auto [first, old_link] = join("a", "old");
  auto [second, new_link] = join("a", "old");
  EXPECT_NE(old_link->closed, "");
  EXPECT_EQ(fleet_.connected(), 1U);
  fleet_.leave(first);  // its end is heard of late
  EXPECT_EQ(fleet_.connected(), 1U);
  fleet_.leave(second);
  EXPECT_EQ(fleet_.connected(), 0U);
}

TEST_F(FleetTest, WordsOfAnEndedSessionAreIgnored) {
  auto [a, link] = join("a", "old");
  fleet_.leave(a);
  heard_.clear();
  answer(a, "old", true);
  fleet_.worker_report(a, v1::Report());
  EXPECT_THAT(heard_, IsEmpty());
}

TEST_F(FleetTest, ForgottenPipelineEndsItsStreams) {
  auto [a, link] = join("a", "old");
  fleet_.forget(kPipeline);
  EXPECT_NE(link->closed, "");
  EXPECT_EQ(fleet_.connected(), 0U);
  EXPECT_EQ(fleet_.report(kPipeline).workers.size(), 0U);
}

TEST_F(FleetTest, PodsThatAreLeftAloneGetNothing) {
  fleet_.want(kPipeline, {{"old", "{}"}, ConfigVersion{"old", "{}"}});
  auto [a, link] = join("a", "old");
  fleet_.want(kPipeline,
              {.wanted = {"new", "{1}"}, .stable = ConfigVersion{"old", "{}"}, .left_alone = {"a"}});
  EXPECT_THAT(link->sent, IsEmpty());
  EXPECT_TRUE(fleet_.report(kPipeline).workers.at(0).left_alone);
}

TEST_F(FleetTest, NothingIsUnderWayWhilePaused) {
  fleet_.want(kPipeline, {{"old", "{}"}, ConfigVersion{"old", "{}"}});
  auto [a, link] = join("a", "old");
  WantedConfig next{.wanted = {"new", "{1}"}, .stable = ConfigVersion{"old", "{}"}, .paused = true};
  fleet_.want(kPipeline, next);
  EXPECT_EQ(fleet_.report(kPipeline).phase, RolloutPhase::kIdle);
  EXPECT_TRUE(fleet_.report(kPipeline).workers.at(0).left_alone);
  next.paused = false;
  fleet_.want(kPipeline, next);
  EXPECT_EQ(fleet_.report(kPipeline).phase, RolloutPhase::kTrying);
  EXPECT_THAT(link->sent, ElementsAre("new={1}"));
}

TEST_F(FleetTest, TimePassesForATrialThatNobodyAnswers) {
  fleet_.want(kPipeline, {{"old", "{}"}, ConfigVersion{"old", "{}"}});
  auto [a, link_a] = join("a", "old");
  auto [b, link_b] = join("b", "old");
  fleet_.want(kPipeline, {{"new", "{1}"}, ConfigVersion{"old", "{}"}});
  clock_.advance(RolloutOptions{}.answer_timeout);
  fleet_.tick();
  EXPECT_THAT(link_b->sent, ElementsAre("new={1}"));
}

TEST_F(FleetTest, OverlongTextsOfWorkersAreCutWithoutBreakingThem) {
  fleet_.want(kPipeline, {{"old", "{}"}, ConfigVersion{"old", "{}"}});
  auto [a, link] = join("a", "old");
  fleet_.want(kPipeline, {{"bad", "{1}"}, ConfigVersion{"old", "{}"}});
  v1::ConfigResult result;
  result.set_hash("bad");
  for (int i = 0; i < 1000; ++i) {
    std::string text;
    while (text.size() < 4000) {
      text += "ü";
    }
    result.add_errors()->set_message("x" + text);
  }
  fleet_.config_result(a, result);
  const auto problems = fleet_.report(kPipeline).problems;
  ASSERT_LE(problems.size(), 32U);
  EXPECT_LE(problems[0].message.size(), 1024U);
  EXPECT_NO_THROW((void)nlohmann::json(problems[0].message).dump());
}

}  // namespace
}  // namespace otlpipe::control
