#include "operator/runtime/wait_clock.h"

#include <stop_token>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/runtime/fake_wait_clock.h"

namespace otlpipe::runtime {
namespace {

using namespace std::chrono_literals;
using testing::FakeWaitClock;

TEST(PauseTest, EndsWhenTheTimeHasCome) {
  FakeWaitClock clock;
  bool whole = false;
  std::jthread waiter([&](const std::stop_token& stop) { whole = pause(clock, 2s, stop); });
  clock.await_timed_waiters(1);
  clock.advance(1s);
  clock.await_timed_waiters(1);
  clock.advance(1s);
  waiter.join();
  EXPECT_TRUE(whole);
}

TEST(PauseTest, StoppedPauseSaysSo) {
  FakeWaitClock clock;
  bool whole = true;
  std::jthread waiter([&](const std::stop_token& stop) { whole = pause(clock, 2s, stop); });
  clock.await_timed_waiters(1);
  waiter.request_stop();
  waiter.join();
  EXPECT_FALSE(whole);
}

// The mutex and the condition that the clock wakes live no longer than the pause.
TEST(PauseTest, StoppedWhileTheClockAdvancesItEndsWhenTheClockHasLetGo) {
  for (int round = 0; round < 300; ++round) {
    FakeWaitClock clock;
    std::jthread first([&](const std::stop_token& stop) { pause(clock, 1h, stop); });
    std::jthread second([&](const std::stop_token& stop) { pause(clock, 1h, stop); });
    clock.await_timed_waiters(2);
    std::jthread stopper([&] {
      first.request_stop();
      second.request_stop();
    });
    clock.advance(1s);
  }
}

}  // namespace
}  // namespace otlpipe::runtime
