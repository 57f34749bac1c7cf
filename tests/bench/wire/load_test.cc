#include "tests/bench/wire/load.h"

#include <memory>
#include <vector>

#include <gtest/gtest.h>

namespace otlpipe::bench {
namespace {

using namespace std::chrono_literals;

class LoadTest : public ::testing::Test {
 protected:
  Load& start(const LoadPlan& plan) {
    load_ = std::make_unique<Load>(plan, now_, [this](LoadPhase phase) { phases_.push_back(phase); });
    return *load_;
  }
  MonotonicTime now_{1h};
  std::vector<LoadPhase> phases_;
  std::unique_ptr<Load> load_;
};

TEST_F(LoadTest, CountIsKeptExactlyAndOnlyWhatComesAfterTheWarmupIsMeasured) {
  Load& load = start({.warmup = 2, .requests = 3, .bodies = 4});
  std::vector<Job> jobs;
  while (const auto job = load.next(now_)) jobs.push_back(*job);
  ASSERT_EQ(jobs.size(), 5u);
  EXPECT_EQ(jobs[4].body, 0u);
  for (const Job& job : jobs) load.acknowledged(job, now_ += 1ms);
  EXPECT_TRUE(load.finished());
  EXPECT_EQ(load.result().measured, 3u);
  EXPECT_EQ(load.result().acknowledged, 5u);
  EXPECT_EQ(load.result().measured_for, 3ms);
  EXPECT_EQ(phases_, (std::vector{LoadPhase::kMeasuring, LoadPhase::kDraining}));
}

TEST_F(LoadTest, MeasuringEndsByTheClockAndWhatIsUnderWayIsWaitedFor) {
  Load& load = start({.length = 10ms});
  const Job job = *load.next(now_);
  load.advance(now_ += 11ms);
  EXPECT_FALSE(load.next(now_));
  EXPECT_FALSE(load.finished());
  load.acknowledged(job, now_);
  EXPECT_TRUE(load.finished());
  EXPECT_EQ(load.result().measured, 0u);
  EXPECT_EQ(load.result().acknowledged, 1u);
}

TEST_F(LoadTest, WithARateLatencyCountsFromWhenTheRequestWasDue) {
  Load& load = start({.length = 1s, .rate = 100});
  EXPECT_TRUE(load.next(now_));
  EXPECT_FALSE(load.next(now_));
  EXPECT_EQ(load.idle_for(now_), 10ms);
  now_ += 35ms;  // nobody could send: three are due by now
  std::vector<Job> jobs;
  while (const auto job = load.next(now_)) jobs.push_back(*job);
  ASSERT_EQ(jobs.size(), 3u);
  load.acknowledged(jobs[0], now_);
  EXPECT_EQ(load.result().latencies.max(), 25'000);
}

TEST_F(LoadTest, RefusedRequestGoesAgainAfterAPauseAndIsCounted) {
  Load& load = start({.requests = 1});
  load.again(*load.next(now_), now_);
  EXPECT_FALSE(load.next(now_));
  now_ += 20ms;
  const auto job = load.next(now_);
  ASSERT_TRUE(job);
  load.acknowledged(*job, now_);
  EXPECT_TRUE(load.finished());
  EXPECT_EQ(load.result().retries, 1u);
  EXPECT_EQ(load.result().failures, 0u);
}

TEST_F(LoadTest, UnsentRequestGoesAgainAtOnce) {
  Load& load = start({.requests = 1});
  load.unsent(*load.next(now_));
  EXPECT_TRUE(load.next(now_));
  EXPECT_EQ(load.result().retries, 0u);
}

TEST_F(LoadTest, GivingUpCountsWhatHasNoAnswerAsFailed) {
  Load& load = start({.length = 1s});
  load.next(now_);
  load.next(now_);
  load.give_up("no answer in time");
  EXPECT_TRUE(load.finished());
  EXPECT_EQ(load.result().failures, 2u);
}

TEST(LatenciesTest, QuantilesAreRightToABucket) {
  Latencies latencies;
  for (int i = 1; i <= 1'000; ++i) latencies.add(i * 1'000'000);
  EXPECT_NEAR(latencies.quantile(0.5), 500'000, 500'000 * 0.016);
  EXPECT_NEAR(latencies.quantile(0.99), 990'000, 990'000 * 0.016);
  EXPECT_EQ(latencies.quantile(1.0), 1'000'000);
  EXPECT_EQ(latencies.max(), 1'000'000);
}

}  // namespace
}  // namespace otlpipe::bench
