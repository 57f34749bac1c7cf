#include "worker/queue/retry.h"

#include <gtest/gtest.h>

namespace otlpipe::worker::queue {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const MonotonicTime kStart{std::chrono::hours(1)};

TEST(NextWait, GrowsByTheMultiplierUpToTheLongest) {
  const RetryOptions options{seconds(1), seconds(5), 2, {}};
  RetryState state;
  std::vector<Duration> waits;
  for (int i = 0; i < 5; ++i) waits.push_back(next_wait(options, state, kStart, 0, {}).value());
  EXPECT_EQ(waits, (std::vector<Duration>{seconds(1), seconds(2), seconds(4), seconds(5), seconds(5)}));
}

TEST(NextWait, ChanceTakesOffUpToHalf) {
  const RetryOptions options{seconds(2), seconds(30), 2, {}};
  RetryState state;
  EXPECT_EQ(next_wait(options, state, kStart, 0.5, {}).value(), milliseconds(1500));
  state = {};
  EXPECT_GT(next_wait(options, state, kStart, 0.999, {}).value(), seconds(1));
}

TEST(NextWait, BackendsDelayComesBeforeOurOwn) {
  RetryState state;
  EXPECT_EQ(next_wait({}, state, kStart, 0.7, milliseconds(12'345)).value(), milliseconds(12'345));
}

TEST(NextWait, GivesUpWhenTheWaitWouldEndAfterMaxElapsed) {
  const RetryOptions options{seconds(1), seconds(30), 2, seconds(10)};
  RetryState state;
  EXPECT_TRUE(next_wait(options, state, kStart, 0, {}));
  EXPECT_TRUE(next_wait(options, state, kStart + seconds(8), 0, {}));
  EXPECT_FALSE(next_wait(options, state, kStart + seconds(8), 0, {}));
}

TEST(NextWait, ThousandsOfFailuresDoNotOverflow) {
  const RetryOptions options{seconds(1), seconds(30), 100, {}};
  RetryState state;
  for (int i = 0; i < 5000; ++i) EXPECT_LE(next_wait(options, state, kStart, 0, {}).value(), seconds(30));
}

}  // namespace
}  // namespace otlpipe::worker::queue
