#include "operator/control/flow.h"

#include <gtest/gtest.h>

namespace otlpipe::control {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const MonotonicTime kStart{std::chrono::hours(1)};

Flow received(std::uint64_t n) {
  return {.received = n};
}

TEST(FlowWindow, FirstWordOfAYoungProcessCountsInFull) {
  FlowWindow window;
  window.observe("a", received(100), seconds(5), kStart);
  EXPECT_EQ(window.per_minute(kStart), received(100));
}

TEST(FlowWindow, FirstWordOfAnOldProcessIsOnlyAStartingPoint) {
  FlowWindow window;
  window.observe("a", received(1'000'000), minutes(50), kStart);
  EXPECT_EQ(window.per_minute(kStart), Flow{});
  window.observe("a", received(1'000'010), minutes(50), kStart + seconds(5));
  EXPECT_EQ(window.per_minute(kStart + seconds(5)), received(10));
}

TEST(FlowWindow, WhatIsOlderThanAMinuteFallsOut) {
  FlowWindow window;
  window.observe("a", received(100), seconds(5), kStart);
  window.observe("a", received(130), seconds(45), kStart + seconds(40));
  EXPECT_EQ(window.per_minute(kStart + seconds(59)), received(130));
  EXPECT_EQ(window.per_minute(kStart + seconds(61)), received(30));
  EXPECT_EQ(window.per_minute(kStart + seconds(101)), Flow{});
}

TEST(FlowWindow, RestartOfAProcessIsNotAHugeDifference) {
  FlowWindow window;
  window.observe("a", received(5000), minutes(50), kStart);
  window.observe("a", received(7), seconds(2), kStart + seconds(5));
  EXPECT_EQ(window.per_minute(kStart + seconds(5)), received(7));
}

TEST(FlowWindow, RestartShowsInTheUptimeEvenWhenTheCountersHaveCaughtUp) {
  FlowWindow window;
  window.observe("a", received(10), minutes(50), kStart);
  window.observe("a", received(15), seconds(20), kStart + seconds(30));
  EXPECT_EQ(window.per_minute(kStart + seconds(30)), received(15));
}

TEST(FlowWindow, ProcessesAddUp) {
  FlowWindow window;
  window.observe("a", {1, 2, 3, 4}, seconds(1), kStart);
  window.observe("b", {10, 20, 30, 40}, seconds(1), kStart + seconds(2));
  EXPECT_EQ(window.per_minute(kStart + seconds(2)), (Flow{11, 22, 33, 44}));
}

TEST(FlowWindow, SilentProcessesAreForgotten) {
  FlowWindow window;
  window.observe("a", received(1), seconds(1), kStart);
  window.observe("b", received(1), seconds(1), kStart + minutes(9));
  window.forget_silent(kStart + minutes(11));
  EXPECT_EQ(window.processes(), 1U);
}

}  // namespace
}  // namespace otlpipe::control
