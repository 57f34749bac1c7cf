#include "worker/data/scan.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/worker/otlp_data.h"
#include "worker/data/wire.h"

namespace otlpipe::worker::data {
namespace {

using testing::make_random_request;
using testing::make_request;

Result<Counts> scan_text(Signal signal, const std::string& text) {
  return scan(signal, as_bytes(text));
}

std::string field(std::uint32_t number, const std::string& payload) {
  std::string out;
  wire::append_bytes_field(out, number, payload);
  return out;
}

// A span with these bytes, in the request that holds it.
std::string around_span(const std::string& span) {
  return field(1, field(2, field(2, span)));
}

TEST(Scan, CountsResourcesScopesAndRecordsOfEverySignal) {
  EXPECT_EQ(scan_text(Signal::kTraces, make_request(Signal::kTraces, 30)).value(), (Counts{3, 5, 30}));
  EXPECT_EQ(scan_text(Signal::kLogs, make_request(Signal::kLogs, 30)).value(), (Counts{4, 4, 30}));
  EXPECT_EQ(scan_text(Signal::kMetrics, make_request(Signal::kMetrics, 30)).value(), (Counts{3, 3, 30}));
}

TEST(Scan, EmptyRequestIsFineAndHasNothing) {
  EXPECT_EQ(scan_text(Signal::kLogs, "").value(), Counts{});
}

TEST(Scan, RandomRequestsAreAcceptedAndCountedAsProtobufCountsThem) {
  std::mt19937 random(7);
  for (int i = 0; i < 300; ++i) {
    const Signal signal = kAllSignals[i % 3];
    const std::string request = make_random_request(signal, random);
    const auto counts = scan_text(signal, request);
    ASSERT_TRUE(counts) << counts.error().to_string();
    EXPECT_EQ(counts->records, testing::record_names(signal, request).size());
  }
}

// Protobuf's parser lets pass what it takes for an unknown field of another type, so only one direction holds
// for bytes that were tampered with: what the scan accepts, Protobuf reads.
TEST(Scan, WhatIsAcceptedAfterTamperingProtobufReadsToo) {
  std::mt19937 random(11);
  int accepted = 0;
  for (int i = 0; i < 2400; ++i) {
    const Signal signal = kAllSignals[i % 3];
    std::string request = make_random_request(signal, random);
    if (request.empty()) continue;
    request[random() % request.size()] ^= static_cast<char>(1 << (random() % 8));
    if (!scan_text(signal, request)) continue;
    ++accepted;
    EXPECT_TRUE(testing::protobuf_accepts(signal, request)) << i;
  }
  EXPECT_GT(accepted, 200);
}

TEST(Scan, EveryCutIsRefusedOrEndsBetweenResources) {
  const std::string request = make_request(Signal::kTraces, 3);
  for (std::size_t n = 1; n < request.size(); ++n) {
    EXPECT_FALSE(scan_text(Signal::kTraces, request.substr(0, n))) << n;
  }
}

struct Bad {
  const char* name;
  std::string request;
};

class ScanBadData : public ::testing::TestWithParam<Bad> {};

TEST_P(ScanBadData, IsRefusedAsInvalidArgument) {
  const auto counts = scan_text(Signal::kTraces, GetParam().request);
  ASSERT_FALSE(counts);
  EXPECT_EQ(counts.error().code, Code::kInvalidArgument);
  EXPECT_FALSE(counts.error().retry.allowed());
}

INSTANTIATE_TEST_SUITE_P(
    , ScanBadData,
    ::testing::Values(
        Bad{"LengthPastParent", field(1, std::string("\x12\x7f", 2))},
        Bad{"HugeLength", std::string("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11)},
        Bad{"FieldNumberZero", around_span(std::string("\x02\x00", 2))},
        Bad{"FieldNumberZeroAtTheTop", std::string("\x00\x00", 2)},
        Bad{"FieldNumberTooLarge", std::string("\x80\x80\x80\x80\x10\x01", 6)},
        Bad{"WireTypeSix", std::string("\x0e", 1)}, Bad{"WireTypeSeven", around_span("\x0f")},
        Bad{"UnknownFieldOfWireTypeSeven", around_span(std::string("\xff\x01", 2))},
        Bad{"VarintOfElevenBytes", around_span("\x30\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01")},
        Bad{"KeyWithoutEnd", std::string("\x80\x80", 2)},
        Bad{"GroupWithoutEnd", std::string("\xa3\x06\x08\x01", 4)},
        Bad{"GroupEndWithoutStart", std::string("\xa4\x06", 2)},
        Bad{"GroupsThatCross", std::string("\xa3\x06\xab\x06\xa4\x06\xac\x06", 8)},
        Bad{"SpanAsVarint", field(1, field(2, std::string("\x10\x01", 2)))},
        Bad{"NameAsVarint", around_span(std::string("\x28\x01", 2))},
        Bad{"StartTimeAsVarint", around_span(std::string("\x38\x01", 2))},
        Bad{"FixedCutShort", around_span(std::string("\x39\x01\x02", 3))},
        Bad{"FlagsAsFixed64", around_span(std::string("\x81\x01") + std::string(8, 'x'))},
        Bad{"AttributeValueOfAWrongType", around_span(field(9, field(2, std::string("\x08\x01", 2))))}),
    [](const auto& bad) { return std::string(bad.param.name); });

TEST(Scan, UnknownFieldsAndBalancedGroupsAreFine) {
  EXPECT_TRUE(scan_text(Signal::kTraces, std::string("\xa3\x06\xab\x06\xac\x06\xa4\x06", 8)));
  EXPECT_TRUE(
      scan_text(Signal::kTraces, around_span(field(99, "anything") + std::string("\xf8\x07\x05", 3))));
}

TEST(Scan, NumbersInListsMayComePackedOrOneByOne) {
  const auto histogram = [](const std::string& point) {
    return field(1, field(2, field(2, field(9, field(1, point)))));
  };
  EXPECT_EQ(scan_text(Signal::kMetrics, histogram(field(6, std::string(16, '\0')))).value().records, 1U);
  EXPECT_TRUE(scan_text(Signal::kMetrics, histogram(std::string("\x31") + std::string(8, '\0'))));
  EXPECT_FALSE(scan_text(Signal::kMetrics, histogram(field(6, std::string(15, '\0')))));
}

TEST(Scan, ValuesNestedTooDeepAreRefusedWithoutRecursingFurther) {
  std::string value;
  for (int i = 0; i < 100'000; ++i) value = i < 200 ? field(5, field(1, value)) : value;
  EXPECT_FALSE(scan_text(Signal::kTraces, around_span(field(9, field(2, value)))));
  const std::string groups(100'000, '\x4b');
  EXPECT_FALSE(scan_text(Signal::kTraces, groups));
}

TEST(Scan, ErrorNamesMessageAndPlace) {
  const auto counts = scan_text(Signal::kTraces, around_span(std::string("\x38\x01", 2)));
  EXPECT_EQ(counts.error().message,
            "malformed request: a known field with a wrong wire type in Span at byte 6");
}

}  // namespace
}  // namespace otlpipe::worker::data
