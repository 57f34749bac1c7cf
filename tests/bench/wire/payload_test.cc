#include "tests/bench/wire/payload.h"

#include <random>

#include <gtest/gtest.h>

#include "tests/bench/wire/record_count.h"
#include "tests/support/worker/otlp_data.h"
#include "worker/compression/compression.h"
#include "worker/data/scan.h"

namespace otlpipe::bench {
namespace {

using worker::Signal;

TEST(Payload, HoldsExactlyAsManyRecordsAsAskedForAndIsValid) {
  for (const Signal signal : worker::kAllSignals) {
    for (const std::size_t records : {1u, 2u, 8u, 49u, 50u, 100u, 777u, 1000u}) {
      const std::string request = make_payload(signal, records, 7);
      const auto counts = worker::data::scan(signal, as_bytes(request));
      ASSERT_TRUE(counts) << counts.error().to_string();
      EXPECT_EQ(counts->records, records) << worker::to_string(signal);
      EXPECT_TRUE(testing::protobuf_accepts(signal, request));
    }
  }
}

TEST(Payload, SameSeedGivesTheSameBytesAndAnotherSeedOthers) {
  EXPECT_EQ(make_payload(Signal::kTraces, 20, 1), make_payload(Signal::kTraces, 20, 1));
  EXPECT_NE(make_payload(Signal::kTraces, 20, 1), make_payload(Signal::kTraces, 20, 2));
}

TEST(Payload, SpansAreAsLargeAndAsCompressibleAsRealOnes) {
  const Bytes request = Bytes::from(make_payload(Signal::kTraces, 1'000, 1));
  EXPECT_NEAR(static_cast<double>(request.size()) / 1'000, 530, 30);
  const auto packed = worker::compression::make_compressor()->compress(
      worker::compression::Compression::kGzip, std::vector<Bytes>{request});
  const double ratio = static_cast<double>(request.size()) / static_cast<double>(packed->size());
  EXPECT_GT(ratio, 5);
  EXPECT_LT(ratio, 9);
}

TEST(RecordCount, IsThatOfTheValidatingScanForAnyShapeOfRequest) {
  std::mt19937 random(1);
  for (int i = 0; i < 200; ++i) {
    const Signal signal = worker::kAllSignals[i % 3];
    const std::string request = testing::make_random_request(signal, random);
    const auto counts = worker::data::scan(signal, as_bytes(request));
    ASSERT_TRUE(counts);
    EXPECT_EQ(count_records(signal, as_bytes(request)), counts->records);
  }
}

TEST(RecordCount, BytesThatEndEarlyAreNotCounted) {
  const std::string request = make_payload(Signal::kLogs, 10, 1);
  EXPECT_EQ(count_records(Signal::kLogs, as_bytes(request).first(request.size() - 1)), std::nullopt);
  EXPECT_EQ(count_records(Signal::kLogs, {}), 0u);
}

}  // namespace
}  // namespace otlpipe::bench
