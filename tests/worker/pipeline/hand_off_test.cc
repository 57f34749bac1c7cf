#include "worker/pipeline/hand_off.h"

#include <gtest/gtest.h>

#include "tests/support/fake_event_loop.h"

namespace otlpipe::worker::pipeline {
namespace {

using data::Ack;
using data::Batch;
using data::Outcome;
using namespace std::chrono_literals;

Batch some_logs(data::Completion::Done done = {}) {
  return {Signal::kLogs, Bytes::from("x"), 1, Ack::track(1, std::move(done))};
}

TEST(LoadShare, ABusyCoreGivesMoreAndMoreToOneThatHasTimeAndTakesItBackWhenThatIsBusyToo) {
  LoadShare share;
  share.observe(0.8, 0.0);
  EXPECT_EQ(share.share(), 0) << "not busy enough";
  for (int i = 0; i < 4; ++i) share.observe(0.99, 0.1);
  EXPECT_DOUBLE_EQ(share.share(), 0.5);
  share.observe(0.99, 0.8);
  EXPECT_DOUBLE_EQ(share.share(), 0.5) << "both do well";
  share.observe(0.99, 0.95);
  EXPECT_DOUBLE_EQ(share.share(), 0.375);
  for (int i = 0; i < 10; ++i) share.observe(0.1, 0.1);
  EXPECT_DOUBLE_EQ(share.share(), 0);
  for (int i = 0; i < 20; ++i) share.observe(1, 0);
  EXPECT_DOUBLE_EQ(share.share(), 1);
}

TEST(LoadShare, WhatIsGivenIsSpreadEvenly) {
  LoadShare share;
  for (int i = 0; i < 4; ++i) share.observe(1, 0);
  std::string given;
  for (int i = 0; i < 8; ++i) given += share.give() ? 'x' : '-';
  EXPECT_EQ(given, "-x-x-x-x");
}

class HandOffTest : public ::testing::Test {
 protected:
  void pass(Duration busy, double first = 0.5, double second = 0.2) {
    cpu_ += busy;
    board_->set(1, first, home_.now());
    board_->set(2, second, home_.now());
    home_.advance(HandOff::kBeat);
  }

  otlpipe::testing::FakeEventLoop home_;
  Duration cpu_{0};
  std::shared_ptr<LoadBoard> board_ = std::make_shared<LoadBoard>(3);
  std::vector<std::pair<std::size_t, std::shared_ptr<HandedOff>>> sent_;
  HandOff hand_off_{0, home_, board_,
                    [this](std::size_t core, std::shared_ptr<HandedOff> handed) {
                      sent_.emplace_back(core, std::move(handed));
                    },
                    [this] { return cpu_; }};
};

TEST_F(HandOffTest, BusyCoreHandsBatchesToTheQuietestAndOutcomesComeBackOnItsLoop) {
  for (int i = 0; i < 8; ++i) pass(HandOff::kBeat);
  EXPECT_DOUBLE_EQ(board_->busy(0, home_.now()), 1);
  int delivered = 0;
  Batch batch =
      some_logs([&](const Outcome& o) { delivered += o.kind == Outcome::Kind::kDelivered ? 1 : 0; });
  ASSERT_TRUE(hand_off_.take("otlp", batch));
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_EQ(sent_[0].first, 2U);
  EXPECT_EQ(sent_[0].second->receiver, "otlp");
  sent_[0].second->batch.resolve(Outcome::delivered());
  EXPECT_EQ(delivered, 0);
  home_.run();
  EXPECT_EQ(delivered, 1);
}

TEST_F(HandOffTest, CoreThatIsBlockedIsNotTakenForAnIdleOne) {
  board_->set(1, 0, home_.now());
  board_->set(2, 0, home_.now());
  home_.advance(4 * HandOff::kBeat);
  EXPECT_EQ(board_->busy(1, home_.now()), 1);
  board_->set(1, 0.6, home_.now());
  EXPECT_EQ(board_->quietest_other(0, home_.now()), 1U);
}

TEST_F(HandOffTest, IdleAndStoppedCoresKeepEverything) {
  pass(1ms);
  Batch batch = some_logs();
  EXPECT_FALSE(hand_off_.take("otlp", batch));
  for (int i = 0; i < 8; ++i) pass(HandOff::kBeat);
  hand_off_.stop();
  EXPECT_FALSE(hand_off_.take("otlp", batch));
  EXPECT_EQ(batch.records(), 1U);
}

}  // namespace
}  // namespace otlpipe::worker::pipeline
