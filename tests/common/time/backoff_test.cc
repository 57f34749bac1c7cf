#include "common/time/backoff.h"

#include <gtest/gtest.h>

namespace otlpipe {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, GrowsByTheMultiplierUpToTheMaximum) {
  const BackoffOptions options{.initial = 100ms, .max = 1s, .multiplier = 3, .jitter = 0};
  EXPECT_EQ(backoff_delay(0, options, 0.5), Duration(100ms));
  EXPECT_EQ(backoff_delay(1, options, 0.5), Duration(300ms));
  EXPECT_EQ(backoff_delay(2, options, 0.5), Duration(900ms));
  EXPECT_EQ(backoff_delay(3, options, 0.5), Duration(1s));
  EXPECT_EQ(backoff_delay(1'000'000, options, 0.5), Duration(1s));
}

TEST(Backoff, ChanceSpreadsTheDelayEvenlyAroundItsMiddle) {
  const BackoffOptions options{.initial = 1s, .max = 10s, .multiplier = 2, .jitter = 0.5};
  EXPECT_EQ(backoff_delay(0, options, 0), Duration(500ms));
  EXPECT_EQ(backoff_delay(0, options, 0.5), Duration(1s));
  EXPECT_LT(backoff_delay(0, options, 0.999), Duration(1500ms));
}

TEST(Backoff, AMultiplierOfOneStaysPut) {
  EXPECT_EQ(backoff_delay(50, {.initial = 2s, .max = 9s, .multiplier = 1, .jitter = 0}, 0.1), Duration(2s));
}

}  // namespace
}  // namespace otlpipe
