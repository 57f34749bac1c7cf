#include "worker/data/ack.h"

#include <optional>
#include <utility>

#include <gtest/gtest.h>

namespace otlpipe::worker::data {
namespace {

using Kind = Outcome::Kind;

// Listens for the outcome of a request of `records` records.
struct Client {
  explicit Client(std::uint64_t records) {
    ack = Ack::track(records, [this](Outcome outcome) {
      ++calls;
      heard = std::move(outcome);
    });
  }
  Ack ack;
  int calls = 0;
  Outcome heard;
};

TEST(Ack, OutcomeIsHeardOnceAndTheFirstCallCounts) {
  Client client(5);
  client.ack.resolve(Outcome::delivered());
  client.ack.resolve(Outcome::retry("late"));
  EXPECT_EQ(client.calls, 1);
  EXPECT_EQ(client.heard.kind, Kind::kDelivered);
  EXPECT_EQ(client.heard.rejected, 0U);
}

TEST(Ack, LostAckIsARetryableFailureNeverASuccess) {
  Client client(5);
  {
    const Ack lost = std::move(client.ack);
  }
  EXPECT_EQ(client.calls, 1);
  EXPECT_EQ(client.heard.kind, Kind::kRetry);
}

TEST(Ack, SharesAreHeardTogetherWhenTheLastIsResolved) {
  Client client(10);
  Ack first = client.ack.split_off(4);
  first.resolve(Outcome::delivered());
  EXPECT_EQ(client.calls, 0);
  client.ack.resolve(Outcome::delivered());
  EXPECT_EQ(client.calls, 1);
  EXPECT_EQ(client.heard.kind, Kind::kDelivered);
}

TEST(Ack, RejectedShareOfADeliveredRequestIsPartialSuccess) {
  Client client(10);
  Ack first = client.ack.split_off(4);
  first.resolve(Outcome::rejected_for_good(Code::kInvalidArgument, "bad"));
  client.ack.resolve(Outcome::partial(1, "one more"));
  EXPECT_EQ(client.heard.kind, Kind::kDelivered);
  EXPECT_EQ(client.heard.rejected, 5U);
  EXPECT_EQ(client.heard.message, "bad");
}

TEST(Ack, RequestWhoseSharesWereAllRejectedIsRejected) {
  Client client(10);
  Ack first = client.ack.split_off(4);
  first.resolve(Outcome::rejected_for_good(Code::kInvalidArgument, "bad"));
  client.ack.resolve(Outcome::rejected_for_good(Code::kInternal, "worse"));
  EXPECT_EQ(client.heard.kind, Kind::kRejected);
  EXPECT_EQ(client.heard.code, Code::kInvalidArgument);
}

TEST(Ack, OneRetryableShareMakesTheWholeRequestRetryableWithTheLongestDelay) {
  Client client(10);
  Ack first = client.ack.split_off(4);
  Ack second = client.ack.split_off(4);
  first.resolve(Outcome::rejected_for_good(Code::kInvalidArgument, "bad"));
  second.resolve(Outcome::retry("full", std::chrono::seconds(1)));
  client.ack.resolve(Outcome::retry("fuller", std::chrono::seconds(3)));
  EXPECT_EQ(client.heard.kind, Kind::kRetry);
  EXPECT_EQ(client.heard.delay, std::chrono::seconds(3));
  EXPECT_EQ(client.heard.message, "full");
}

TEST(Ack, FanOutSucceedsWhenAllDestinationsDid) {
  Client client(10);
  auto branches = std::move(client.ack).fan_out(3);
  branches[0].resolve(Outcome::delivered());
  branches[1].resolve(Outcome::delivered());
  EXPECT_EQ(client.calls, 0);
  branches[2].resolve(Outcome::delivered());
  EXPECT_EQ(client.calls, 1);
  EXPECT_EQ(client.heard.kind, Kind::kDelivered);
}

TEST(Ack, FanOutFailsRetryablyWhenOneDestinationDidEvenIfAnotherRejected) {
  Client client(10);
  auto branches = std::move(client.ack).fan_out(2);
  branches[0].resolve(Outcome::rejected_for_good(Code::kInvalidArgument, "bad"));
  branches[1].resolve(Outcome::retry("down"));
  EXPECT_EQ(client.heard.kind, Kind::kRetry);
}

TEST(Ack, FanOutCountsRejectedRecordsWhereMostWereRejectedNotTheSum) {
  Client client(10);
  auto branches = std::move(client.ack).fan_out(2);
  branches[0].resolve(Outcome::partial(3, "three"));
  branches[1].resolve(Outcome::partial(6, "six"));
  EXPECT_EQ(client.heard.kind, Kind::kDelivered);
  EXPECT_EQ(client.heard.rejected, 6U);
}

TEST(Ack, NobodyListeningIsFine) {
  Ack nobody;
  nobody.resolve(Outcome::delivered());
  EXPECT_FALSE(nobody.split_off(1));
  EXPECT_EQ(std::move(nobody).fan_out(2).size(), 2U);
}

}  // namespace
}  // namespace otlpipe::worker::data
