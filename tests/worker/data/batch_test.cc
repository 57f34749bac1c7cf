#include "worker/data/batch.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/support/fake_event_loop.h"
#include "tests/support/worker/otlp_data.h"

namespace otlpipe::worker::data {
namespace {

using testing::bytes_of;
using testing::make_request;
using testing::record_names;

Batch batch_of(std::size_t records, const std::string& prefix, Completion::Done done = {}) {
  return {Signal::kTraces, Bytes::from(make_request(Signal::kTraces, records, prefix)), records,
          Ack::track(records, std::move(done))};
}

TEST(Batch, MergedRequestsAreOneValidRequestOfAllRecords) {
  Batch batch = batch_of(3, "a");
  batch.append(batch_of(2, "b"));
  EXPECT_EQ(batch.records(), 5U);
  EXPECT_EQ(batch.bytes(), bytes_of(batch).size());
  EXPECT_EQ(record_names(Signal::kTraces, bytes_of(batch)),
            (std::vector<std::string>{"a0", "a1", "a2", "b0", "b1"}));
}

TEST(Batch, OutcomeReachesEveryRequestInIt) {
  int delivered = 0;
  const auto count = [&](const Outcome& o) { delivered += o.kind == Outcome::Kind::kDelivered ? 1 : 0; };
  Batch batch = batch_of(3, "a", count);
  batch.append(batch_of(2, "b", count));
  batch.resolve(Outcome::delivered());
  EXPECT_EQ(delivered, 2);
}

TEST(Batch, OutcomeOfABatchThatWentToAnotherLoopIsHeardOnItsHome) {
  otlpipe::testing::FakeEventLoop home;
  std::vector<Outcome::Kind> heard;
  Batch batch = batch_of(3, "a", [&](const Outcome& o) { heard.push_back(o.kind); });
  batch.append(batch_of(2, "b", [&](const Outcome& o) { heard.push_back(o.kind); }));
  batch.answer_on(home);
  auto halves = std::move(batch).bisect();
  halves.first.resolve(Outcome::delivered());
  halves.second = Batch(Signal::kTraces);  // given up
  EXPECT_TRUE(heard.empty()) << "not on the thread that resolves";
  home.run();
  EXPECT_EQ(heard, (std::vector{Outcome::Kind::kDelivered, Outcome::Kind::kRetry}));
}

TEST(Batch, PartialSuccessIsToldToTheOneClientButNotToSeveral) {
  std::vector<std::uint64_t> rejected;
  const auto note = [&](const Outcome& o) { rejected.push_back(o.rejected); };
  batch_of(3, "a", note).resolve(Outcome::partial(2, "no"));
  Batch merged = batch_of(3, "a", note);
  merged.append(batch_of(3, "b", note));
  merged.resolve(Outcome::partial(2, "no"));
  EXPECT_EQ(rejected, (std::vector<std::uint64_t>{2, 0, 0}));
}

TEST(Batch, BisectKeepsRequestsWholeAndTheirAnswersApart) {
  std::vector<char> heard;
  Batch batch = batch_of(1, "a", [&](const Outcome&) { heard.push_back('a'); });
  batch.append(batch_of(1, "b", [&](const Outcome&) { heard.push_back('b'); }));
  batch.append(batch_of(1, "c", [&](const Outcome&) { heard.push_back('c'); }));
  auto [first, second] = std::move(batch).bisect();
  EXPECT_EQ(record_names(Signal::kTraces, bytes_of(first)), std::vector<std::string>{"a0"});
  EXPECT_EQ(record_names(Signal::kTraces, bytes_of(second)), (std::vector<std::string>{"b0", "c0"}));
  second.resolve(Outcome::delivered());
  EXPECT_EQ(heard, (std::vector<char>{'b', 'c'}));
  first.resolve(Outcome::delivered());
}

TEST(Batch, SplitCutsLargeRequestsEvenlyAndAnswersEachOnce) {
  int answers = 0;
  std::vector<Batch> pieces = batch_of(1000, "a", [&](const Outcome&) { ++answers; }).split({512, 0});
  ASSERT_EQ(pieces.size(), 2U);
  EXPECT_EQ(pieces[0].records(), 500U);
  EXPECT_EQ(pieces[1].records(), 500U);
  pieces[0].resolve(Outcome::delivered());
  EXPECT_EQ(answers, 0);
  pieces[1].resolve(Outcome::delivered());
  EXPECT_EQ(answers, 1);
}

TEST(Batch, SplitGroupsSmallRequestsUpToTheLimit) {
  Batch batch = batch_of(4, "a");
  for (int i = 0; i < 4; ++i) batch.append(batch_of(4, "b"));
  std::vector<Batch> pieces = std::move(batch).split({10, 0});
  ASSERT_EQ(pieces.size(), 3U);
  EXPECT_EQ(pieces[0].records(), 8U);
  EXPECT_EQ(pieces[2].records(), 4U);
}

TEST(Batch, SplitPieceCanBeSplitAgain) {
  std::vector<Batch> halves = batch_of(100, "a").split({50, 0});
  std::vector<Batch> quarters = std::move(halves[1]).split({25, 0});
  ASSERT_EQ(quarters.size(), 2U);
  EXPECT_EQ(record_names(Signal::kTraces, bytes_of(quarters[1])).back(), "a99");
}

TEST(Batch, FanOutSharesTheBytesAndWaitsForAll) {
  int answers = 0;
  Batch batch = batch_of(3, "a", [&](const Outcome&) { ++answers; });
  const auto* const data = batch.chunks()[0].data();
  std::vector<Batch> copies = std::move(batch).fan_out(2);
  EXPECT_EQ(copies[0].chunks()[0].data(), data);
  EXPECT_EQ(copies[1].chunks()[0].data(), data);
  copies[0].resolve(Outcome::delivered());
  EXPECT_EQ(answers, 0);
  copies[1].resolve(Outcome::delivered());
  EXPECT_EQ(answers, 1);
}

TEST(Batch, CompressedFormStaysWithTheWholeAndIsLostWithEveryOther) {
  const auto packed_batch = [](std::size_t records) {
    Batch batch = batch_of(records, "a");
    batch.set_packed({compression::Compression::kGzip, Bytes::from("packed")});
    return batch;
  };
  const auto has = [](const Batch& batch) {
    return batch.packed().compression == compression::Compression::kGzip &&
           as_text(batch.packed().bytes.view()) == "packed";
  };
  Batch whole = packed_batch(10);
  whole.detach(Outcome::delivered());
  EXPECT_TRUE(has(whole));
  for (const Batch& copy : packed_batch(10).fan_out(2)) EXPECT_TRUE(has(copy));
  EXPECT_TRUE(has(packed_batch(10).split({10, 0})[0]));
  for (const Batch& piece : packed_batch(10).split({9, 0})) EXPECT_FALSE(has(piece));

  Batch merged = packed_batch(10);
  merged.append(batch_of(1, "b"));
  EXPECT_FALSE(has(merged));
  Batch group(Signal::kTraces);
  group.append(packed_batch(10));
  EXPECT_FALSE(has(group));
}

}  // namespace
}  // namespace otlpipe::worker::data
