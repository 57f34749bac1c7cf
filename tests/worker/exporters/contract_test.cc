// The contract suite that every exporter passes.

#include "tests/worker/exporters/contract.h"

#include <optional>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/time/clock.h"
#include "otlpipe/v1alpha1/exporters.pb.h"
#include "proto/schema/decode.h"
#include "tests/support/worker/otlp_data.h"

namespace otlpipe::worker::exporters {
namespace {

using data::Batch;
using data::Outcome;
using testing::Subject;

struct Named {
  const char* name;
  std::unique_ptr<Subject> (*make)();
};

class ExporterContract : public ::testing::TestWithParam<Named> {
 protected:
  ExporterContract() {
    auto json = nlohmann::json::parse(subject_->config());
    json["name"] = "subject";
    v1alpha1::Exporter config;
    const auto errors = schema::decode(json, config, "");
    EXPECT_TRUE(errors.empty()) << errors.front().to_string();
    auto plan = subject_->factory()->plan(config, status_, {registry_, {}, clock_});
    EXPECT_TRUE(plan) << plan.error().to_string();
    plan_ = *plan;
    exporter_ = plan_->instantiate(core_);
  }

  void send(std::size_t records, Signal signal = Signal::kLogs) {
    exporter_->consume(
        {signal, Bytes::from(testing::make_request(signal, records)), records,
         data::Ack::track(records, [this](Outcome outcome) { heard_.push_back(std::move(outcome)); })});
    subject_->answer(network_);
  }

  std::unique_ptr<Subject> subject_ = GetParam().make();
  SystemClock clock_;
  telemetry::Registry registry_{1};
  std::shared_ptr<telemetry::ExporterStatus> status_ = std::make_shared<telemetry::ExporterStatus>();
  testing::FakeNetwork network_;
  SeededRandom random_{1};
  pipeline::CoreContext core_{0, network_, random_};
  std::vector<Outcome> heard_;
  std::shared_ptr<const pipeline::ExporterPlan> plan_;
  std::shared_ptr<pipeline::Exporter> exporter_;
};

TEST_P(ExporterContract, DeliversEveryRecordAndSaysSo) {
  send(7);
  ASSERT_EQ(heard_.size(), 1U);
  EXPECT_EQ(heard_[0].kind, Outcome::Kind::kDelivered);
  EXPECT_EQ(subject_->arrived(), 7U);
  EXPECT_EQ(registry_.sum("otlpipe_exporter_sent_records", {{"exporter", "subject"}, {"signal", "logs"}}),
            7U);
  EXPECT_EQ(status_->health(), telemetry::Health::kHealthy);
}

TEST_P(ExporterContract, TriesAgainUntilTheBackendWorks) {
  subject_->work(false);
  send(7);
  network_.loop().advance(std::chrono::seconds(5));
  subject_->answer(network_);
  EXPECT_TRUE(heard_.empty());
  EXPECT_NE(status_->last_error(), "");
  EXPECT_EQ(subject_->arrived(), 0U);
  subject_->work(true);
  network_.loop().advance(std::chrono::seconds(60));
  subject_->answer(network_);
  ASSERT_EQ(heard_.size(), 1U);
  EXPECT_EQ(heard_[0].kind, Outcome::Kind::kDelivered);
  EXPECT_EQ(subject_->arrived(), 7U);
  EXPECT_EQ(status_->last_error(), "");
}

TEST_P(ExporterContract, HandsWhatItCouldNotDeliverToItsSuccessor) {
  subject_->work(false);
  send(3);
  send(4);
  const auto successor = plan_->instantiate(core_);
  bool done = false;
  exporter_->retire(successor, [&] { done = true; });
  network_.loop().run();
  EXPECT_TRUE(done);
  exporter_.reset();
  subject_->work(true);
  network_.loop().advance(std::chrono::seconds(60));
  subject_->answer(network_);
  EXPECT_EQ(heard_.size(), 2U);
  EXPECT_EQ(subject_->arrived(), 7U);
}

TEST_P(ExporterContract, DrainsThenSaysThatItIsDone) {
  subject_->work(false);
  send(3);
  bool done = false;
  exporter_->retire(nullptr, [&] { done = true; });
  network_.loop().run();
  EXPECT_FALSE(done);
  subject_->work(true);
  network_.loop().advance(std::chrono::seconds(60));
  subject_->answer(network_);
  network_.loop().run();
  EXPECT_TRUE(done);
  EXPECT_EQ(heard_.size(), 1U);
}

TEST_P(ExporterContract, GivesUpWhenToldToAndTellsItsClients) {
  subject_->work(false);
  send(3);
  EXPECT_EQ(exporter_->abandon().unacknowledged, 3U);
  ASSERT_EQ(heard_.size(), 1U);
  EXPECT_EQ(heard_[0].kind, Outcome::Kind::kRetry);
}

TEST_P(ExporterContract, DestroyedWhileSendingAnswersItsClientsAndNobodyCallsItAgain) {
  subject_->work(false);
  send(3);
  exporter_.reset();
  network_.loop().advance(std::chrono::seconds(60));
  EXPECT_EQ(heard_.size(), 1U);
}

TEST_P(ExporterContract, LeavesTheKindsOfOthersToThem) {
  v1alpha1::Exporter nothing;
  const auto plan = subject_->factory()->plan(nothing, status_, {registry_, {}, clock_});
  ASSERT_TRUE(plan);
  EXPECT_EQ(*plan, nullptr);
}

INSTANTIATE_TEST_SUITE_P(All, ExporterContract,
                         ::testing::Values(Named{"OtlpGrpc", testing::otlp_grpc_subject},
                                           Named{"OtlpHttp", testing::otlp_http_subject},
                                           Named{"File", testing::file_subject}),
                         [](const auto& subject) { return std::string(subject.param.name); });

}  // namespace
}  // namespace otlpipe::worker::exporters
