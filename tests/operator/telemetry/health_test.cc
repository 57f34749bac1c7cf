#include "operator/telemetry/health.h"

#include <gtest/gtest.h>

#include "tests/support/runtime/fake_wait_clock.h"

namespace otlpipe::telemetry {
namespace {

using std::chrono::seconds;

TEST(Health, LivesWhileItsLoopBeats) {
  runtime::testing::FakeWaitClock clock;
  Health health(clock, seconds(60));
  clock.advance(seconds(60));
  EXPECT_EQ(health.answer("/livez").status, 200);
  clock.advance(seconds(1));
  EXPECT_EQ(health.answer("/livez").status, 503);
  health.beat();
  EXPECT_EQ(health.answer("/livez").status, 200);
}

TEST(Health, ReadinessGivesEveryReason) {
  runtime::testing::FakeWaitClock clock;
  Health health(clock, seconds(60));
  std::string reason = "pods: forbidden";
  health.add_readiness("caches", [&] { return reason; });
  health.add_readiness("control stream", [] { return ""; });
  EXPECT_EQ(health.answer("/readyz").status, 503);
  EXPECT_EQ(health.answer("/readyz").body, "caches: pods: forbidden\n");
  reason.clear();
  EXPECT_EQ(health.answer("/readyz").status, 200);
}

TEST(Health, OtherPathsAreNotFound) {
  runtime::testing::FakeWaitClock clock;
  EXPECT_EQ(Health(clock, seconds(1)).answer("/").status, 404);
}

}  // namespace
}  // namespace otlpipe::telemetry
