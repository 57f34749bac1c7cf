#include "worker/data/split.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/worker/otlp_data.h"
#include "worker/data/index.h"
#include "worker/data/scan.h"

namespace otlpipe::worker::data {
namespace {

using testing::make_request;
using testing::record_names;
using testing::records_with_context;

std::string text_of(const Piece& piece) {
  std::string text;
  for (const Bytes& chunk : piece.chunks) text.append(as_text(chunk.view()));
  return text;
}

std::vector<Piece> split_text(Signal signal, const std::string& request, const Limits& limits) {
  return split(signal, Bytes::from(request), scan(signal, as_bytes(request)).value().records, limits);
}

TEST(Split, RequestWithinTheLimitsComesBackAsItIs) {
  const std::string request = make_request(Signal::kLogs, 10);
  const auto pieces = split_text(Signal::kLogs, request, {10, request.size()});
  ASSERT_EQ(pieces.size(), 1U);
  EXPECT_EQ(text_of(pieces[0]), request);
}

TEST(Split, PiecesHoldAtMostTheRecordsAskedForAndAllOfThemInOrder) {
  for (const Signal signal : kAllSignals) {
    const std::string request = make_request(signal, 100);
    const auto pieces = split_text(signal, request, {16, 0});
    ASSERT_EQ(pieces.size(), 7U);
    std::vector<std::string> names;
    for (const Piece& piece : pieces) {
      EXPECT_LE(piece.records, 16U);
      const auto some = record_names(signal, text_of(piece));
      EXPECT_EQ(some.size(), piece.records);
      names.insert(names.end(), some.begin(), some.end());
    }
    EXPECT_EQ(names, record_names(signal, request));
  }
}

TEST(Split, PiecesStayWithinTheBytesUnlessARecordAloneIsLarger) {
  const std::string big(5000, 'x');
  const std::string request =
      make_request(Signal::kLogs, 20) + make_request(Signal::kLogs, 1, big) + make_request(Signal::kLogs, 5);
  int over = 0;
  for (const Piece& piece : split_text(Signal::kLogs, request, {0, 700})) {
    EXPECT_EQ(text_of(piece).size(), piece.bytes);
    if (piece.bytes > 700) {
      ++over;
      EXPECT_EQ(piece.records, 1U);
    }
  }
  EXPECT_EQ(over, 1);
}

TEST(Split, RandomRequestsComeApartAndKeepEveryRecordWithAllAroundIt) {
  std::mt19937 random(3);
  for (int i = 0; i < 300; ++i) {
    const Signal signal = kAllSignals[i % 3];
    const std::string request = testing::make_random_request(signal, random);
    const Limits limits{random() % 4, random() % 2 == 0 ? 0 : 1 + random() % 600};
    std::vector<std::string> records;
    std::uint64_t counted = 0;
    for (const Piece& piece : split_text(signal, request, limits)) {
      const std::string text = text_of(piece);
      ASSERT_TRUE(scan(signal, as_bytes(text)));
      EXPECT_EQ(text.size(), piece.bytes);
      EXPECT_TRUE(limits.records == 0 || piece.records <= limits.records);
      EXPECT_TRUE(limits.bytes == 0 || piece.bytes <= limits.bytes || piece.records <= 1);
      const auto some = records_with_context(signal, text);
      records.insert(records.end(), some.begin(), some.end());
      counted += piece.records;
    }
    EXPECT_EQ(records, records_with_context(signal, request)) << i;
    EXPECT_EQ(counted, records.size());
  }
}

TEST(Split, RecordsAreNotCopied) {
  const Bytes request = Bytes::from(make_request(Signal::kTraces, 50, std::string(2000, 'n')));
  std::size_t shared = 0;
  for (const Piece& piece : split(Signal::kTraces, request, 50, {10, 0})) {
    for (const Bytes& chunk : piece.chunks) {
      if (chunk.data() >= request.data() && chunk.data() < request.data() + request.size())
        shared += chunk.size();
    }
  }
  EXPECT_GT(shared, request.size() * 99 / 100);
}

TEST(BuildIndex, FindsEveryRecordWhereItLies) {
  std::mt19937 random(5);
  for (int i = 0; i < 100; ++i) {
    const Signal signal = kAllSignals[i % 3];
    const std::string request = testing::make_random_request(signal, random);
    const Index index = build_index(signal, as_bytes(request));
    EXPECT_EQ(index.records, scan(signal, as_bytes(request)).value().records);
    for (const Node& node : index.nodes) {
      EXPECT_LE(node.begin, node.payload);
      EXPECT_LE(node.payload, node.end);
      EXPECT_LE(node.end, request.size());
    }
  }
}

TEST(BuildIndex, StopsAtMalformedBytes) {
  const std::string request = make_request(Signal::kLogs, 5);
  for (std::size_t n = 0; n < request.size(); ++n) {
    EXPECT_LE(build_index(Signal::kLogs, as_bytes(request).subspan(0, n)).records, 5U);
  }
}

}  // namespace
}  // namespace otlpipe::worker::data
