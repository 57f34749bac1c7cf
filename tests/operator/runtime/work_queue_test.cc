#include "operator/runtime/work_queue.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/runtime/fake_wait_clock.h"

namespace otlpipe::runtime {
namespace {

using namespace std::chrono_literals;
using kube::ObjectKey;
using testing::FakeWaitClock;

const ObjectKey kA{"ns", "a"};
const ObjectKey kB{"ns", "b"};

class WorkQueueTest : public ::testing::Test {
 protected:
  FakeWaitClock clock_;
  SeededRandom random_{1};
  WorkQueue queue_{{.initial_backoff = 100ms, .max_backoff = 1s, .jitter = 0}, clock_, random_};
};

TEST_F(WorkQueueTest, KeysComeInOrderAndOnce) {
  queue_.add(kA);
  queue_.add(kB);
  queue_.add(kA);
  EXPECT_EQ(queue_.get(), kA);
  EXPECT_EQ(queue_.get(), kB);
  EXPECT_EQ(queue_.counts().ready, 0U);
  EXPECT_EQ(queue_.counts().in_flight, 2U);
}

TEST_F(WorkQueueTest, KeyAddedWhileInFlightRunsAgainOnceAfterDone) {
  queue_.add(kA);
  ASSERT_EQ(queue_.get(), kA);
  queue_.add(kA);
  queue_.add(kA);
  EXPECT_EQ(queue_.counts().ready, 0U) << "it must not run twice at once";
  queue_.done(kA);
  EXPECT_EQ(queue_.get(), kA);
  queue_.done(kA);
  EXPECT_EQ(queue_.counts().ready, 0U);
}

TEST_F(WorkQueueTest, DelayedKeyIsGivenWhenTheClockReachesItAndNotBefore) {
  queue_.add_after(kA, 5s);
  std::atomic<bool> got{false};
  std::thread consumer([&] {
    EXPECT_EQ(queue_.get(), kA);
    got = true;
  });
  clock_.await_timed_waiters(1);
  clock_.advance(4999ms);
  clock_.await_timed_waiters(1);
  EXPECT_FALSE(got);
  clock_.advance(1ms);
  consumer.join();
  EXPECT_TRUE(got);
}

TEST_F(WorkQueueTest, TheEarlierOfTwoDelaysWins) {
  queue_.add_after(kA, 10s);
  queue_.add_after(kA, 1s);
  queue_.add_after(kA, 20s);
  EXPECT_EQ(queue_.counts().delayed, 1U);
  clock_.advance(1s);
  EXPECT_EQ(queue_.get(), kA);
  EXPECT_EQ(queue_.counts().delayed, 0U);
}

TEST_F(WorkQueueTest, AKeyThatBacksOffIsHurriedByAddOnly) {
  const Duration backoff = queue_.add_rate_limited(kA, 60s);
  queue_.add_after(kA, 1s);
  clock_.advance(backoff - 1s);
  EXPECT_EQ(queue_.counts().delayed, 1U);
  queue_.add(kA);
  EXPECT_EQ(queue_.get(), kA);
}

TEST_F(WorkQueueTest, WhatWasDelayedDuringAFailingRunWaitsForTheBackoff) {
  queue_.add(kA);
  ASSERT_EQ(queue_.get(), kA);
  queue_.add_after(kA, 1s);
  queue_.add_rate_limited(kA, 60s);
  queue_.done(kA);
  clock_.advance(59s);
  EXPECT_EQ(queue_.counts().delayed, 1U);
  clock_.advance(1s);
  EXPECT_EQ(queue_.get(), kA);
}

TEST_F(WorkQueueTest, AnEarlierDelayWakesAConsumerThatWaitsForALaterOne) {
  queue_.add_after(kA, 10s);
  std::thread consumer([&] { EXPECT_EQ(queue_.get(), kB); });
  clock_.await_timed_waiters(1);
  queue_.add_after(kB, 1s);
  clock_.advance(1s);
  consumer.join();
}

TEST_F(WorkQueueTest, AddMakesADelayedKeyDueAndCancelsTheDelay) {
  queue_.add_after(kA, 10s);
  queue_.add(kA);
  EXPECT_EQ(queue_.get(), kA);
  queue_.done(kA);
  clock_.advance(10s);
  EXPECT_EQ(queue_.counts().delayed, 0U);
  EXPECT_EQ(queue_.counts().ready, 0U);
}

TEST_F(WorkQueueTest, BackoffDoublesUpToItsCeilingAndForgetStartsAnew) {
  const auto next = [this] {
    const Duration delay = queue_.add_rate_limited(kA);
    clock_.advance(delay);
    EXPECT_EQ(queue_.get(), kA);
    queue_.done(kA);
    return delay;
  };
  EXPECT_EQ(next(), 100ms);
  EXPECT_EQ(next(), 200ms);
  EXPECT_EQ(next(), 400ms);
  EXPECT_EQ(next(), 800ms);
  EXPECT_EQ(next(), 1s);
  EXPECT_EQ(next(), 1s);
  EXPECT_EQ(queue_.failures(kA), 6);
  queue_.forget(kA);
  EXPECT_EQ(next(), 100ms);
}

TEST_F(WorkQueueTest, MinimumDelayPrevailsOverAShorterBackoff) {
  EXPECT_EQ(queue_.add_rate_limited(kA, 30s), 30s);
}

TEST_F(WorkQueueTest, JitterSpreadsTheBackoffWithinItsShare) {
  WorkQueue queue({.initial_backoff = 100ms, .max_backoff = 1s, .jitter = 0.2}, clock_, random_);
  Duration low = 1h;
  Duration high = 0s;
  for (int i = 0; i < 200; ++i) {
    const Duration delay = queue.add_rate_limited({"ns", std::to_string(i)});
    low = std::min(low, delay);
    high = std::max(high, delay);
  }
  EXPECT_GE(low, 80ms);
  EXPECT_LE(high, 120ms);
  EXPECT_LT(low, 85ms);
  EXPECT_GT(high, 115ms);
}

TEST_F(WorkQueueTest, ShutDownWakesEveryConsumerAndDropsWhatWaits) {
  std::vector<std::thread> consumers;
  for (int i = 0; i < 3; ++i) consumers.emplace_back([&] { EXPECT_EQ(queue_.get(), std::nullopt); });
  clock_.await_waiters(3);
  queue_.shut_down();
  for (auto& consumer : consumers) consumer.join();
  queue_.add(kA);
  EXPECT_EQ(queue_.get(), std::nullopt);
}

TEST_F(WorkQueueTest, DrainHandsOutWhatIsDueAndNothingNew) {
  queue_.add(kA);
  queue_.add_after(kB, 1s);
  queue_.shut_down(true);
  queue_.add({"ns", "late"});
  EXPECT_EQ(queue_.get(), kA);
  EXPECT_EQ(queue_.get(), std::nullopt);
}

TEST(WorkQueue, ManyThreadsNeverHoldOneKeyTwiceAndMissNoChange) {
  SystemWaitClock clock;
  SeededRandom random(7);
  WorkQueue queue({}, clock, random);
  constexpr int kKeys = 5;
  constexpr int kChanges = 2000;
  std::array<std::atomic<int>, kKeys> holders{};
  std::array<std::atomic<int>, kKeys> wanted{};
  std::array<std::atomic<int>, kKeys> seen{};
  std::vector<std::thread> consumers;
  for (int i = 0; i < 4; ++i) {
    consumers.emplace_back([&] {
      while (const auto key = queue.get()) {
        const auto index = static_cast<std::size_t>(std::stoi(key->name));
        EXPECT_EQ(++holders[index], 1);
        seen[index] = wanted[index].load();
        --holders[index];
        queue.done(*key);
      }
    });
  }
  for (int i = 0; i < kChanges; ++i) {
    const auto index = static_cast<std::size_t>(i % kKeys);
    ++wanted[index];
    queue.add({"", std::to_string(index)});
  }
  while (queue.counts().ready + queue.counts().in_flight > 0) std::this_thread::yield();
  queue.shut_down();
  for (auto& consumer : consumers) consumer.join();
  for (std::size_t i = 0; i < kKeys; ++i) EXPECT_EQ(seen[i], wanted[i]);
}

}  // namespace
}  // namespace otlpipe::runtime
