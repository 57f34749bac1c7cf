#include "common/time/duration.h"

#include <gtest/gtest.h>

namespace otlpipe {
namespace {

using namespace std::chrono_literals;

TEST(Duration, EveryWrittenFormReadsBackAsTheSameValue) {
  for (const Duration value :
       {Duration(0), Duration(1ns), Duration(1us), Duration(1500us), Duration(100ms), Duration(1500ms),
        Duration(90s), Duration(2h), Duration(2h + 30s + 5ms), Duration(123456789ns)}) {
    const auto back = parse_duration(format_duration(value));
    ASSERT_TRUE(back) << format_duration(value);
    EXPECT_EQ(*back, value) << format_duration(value);
  }
}

TEST(Duration, FormatsTheWayPeopleTypeIt) {
  EXPECT_EQ(format_duration(100ms), "100ms");
  EXPECT_EQ(format_duration(90s), "1m30s");
  EXPECT_EQ(format_duration(1500ms), "1.5s");
  EXPECT_EQ(format_duration(0s), "0s");
  EXPECT_EQ(format_duration(-5s), "-5s");
}

TEST(Duration, ReadsGoAndKubernetesForms) {
  EXPECT_EQ(parse_duration("1h15m30.918s").value(), Duration(1h + 15min + 30s + 918ms));
  EXPECT_EQ(parse_duration("0").value(), Duration(0));
  EXPECT_EQ(parse_duration(".5s").value(), Duration(500ms));
  EXPECT_EQ(parse_duration("3\xC2\xB5s").value(), Duration(3us));
}

TEST(Duration, WhatIsNotADurationIsAnErrorThatQuotesItAndShowsTheForm) {
  for (const char* text :
       {"", "5", "ms", "5 s", "-1s", "1x", "1.s.", "99999999999999999999s", "9999999999h", "s5"}) {
    const auto parsed = parse_duration(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Code::kInvalidArgument);
    EXPECT_NE(parsed.error().message.find("\"" + std::string(text) + "\""), std::string::npos)
        << parsed.error().message;
    EXPECT_NE(parsed.error().message.find("100ms"), std::string::npos);
  }
}

TEST(Rfc3339, WritesWholeSecondsAndMicroseconds) {
  const WallTime time(std::chrono::seconds(1'700'000'000) + 123456789ns);
  EXPECT_EQ(format_rfc3339(time), "2023-11-14T22:13:20Z");
  EXPECT_EQ(format_rfc3339_micro(time), "2023-11-14T22:13:20.123456Z");
}

TEST(Rfc3339, ReadsFractionsAndOffsets) {
  EXPECT_EQ(parse_rfc3339("2023-11-14T22:13:20Z").value(), WallTime(std::chrono::seconds(1'700'000'000)));
  EXPECT_EQ(parse_rfc3339("2023-11-14T23:13:20.5+01:00").value(),
            WallTime(std::chrono::seconds(1'700'000'000) + 500ms));
  EXPECT_FALSE(parse_rfc3339("yesterday"));
  EXPECT_FALSE(parse_rfc3339("2023-11-14T22:13:20"));
  EXPECT_FALSE(parse_rfc3339("9974-01-02T03:04:05Z"));
}

}  // namespace
}  // namespace otlpipe
