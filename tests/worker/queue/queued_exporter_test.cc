#include "worker/queue/queued_exporter.h"

#include <deque>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "tests/support/worker/fake_network.h"
#include "tests/support/worker/otlp_data.h"

namespace otlpipe::worker::queue {
namespace {

using data::Batch;
using data::Outcome;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::FakeNetwork;
using Kind = SendResult::Kind;

struct Attempt {
  std::string bytes;
  Sender::Done done;
  bool packed = false;
  void answer(Kind kind, std::optional<milliseconds> delay = {}, std::string message = "why",
              Code code = Code::kPermissionDenied) {
    std::exchange(done, nullptr)({kind, 0, delay, code, std::move(message)});
  }
};

class FakeSender final : public Sender {
 public:
  explicit FakeSender(std::deque<Attempt>& attempts) : attempts_(attempts) {}
  compression::Compression compression() const override { return compression::Compression::kGzip; }
  void send(const Batch& batch, Done done) override {
    attempts_.push_back({testing::bytes_of(batch), std::move(done),
                         batch.packed().compression != compression::Compression::kNone});
  }

 private:
  std::deque<Attempt>& attempts_;
};

class HalfRandom final : public Random {
 public:
  double uniform() override { return 0; }
  std::uint64_t bits() override { return 0; }
};

class QueuedExporterTest : public ::testing::Test {
 protected:
  QueuedExporterTest() { retry_.initial_interval = seconds(1); }

  std::shared_ptr<pipeline::Exporter> make(std::deque<Attempt>& attempts) {
    shared_ = make_shared_state("backend", queue_, retry_, registry_, status_, {});
    return make_queued_exporter(shared_, core_, std::make_unique<FakeSender>(attempts));
  }
  pipeline::Exporter& exporter() {
    if (!exporter_) exporter_ = make(attempts_);
    return *exporter_;
  }

  // A request of `records` records; its outcome is kept under its prefix.
  Batch request(const std::string& prefix, std::size_t records) {
    return {Signal::kLogs, Bytes::from(testing::make_request(Signal::kLogs, records, prefix)), records,
            data::Ack::track(records, [this, prefix](Outcome outcome) {
              EXPECT_FALSE(heard_.contains(prefix)) << "a second answer to " << prefix;
              heard_[prefix] = std::move(outcome);
            })};
  }
  // One of two records that came in the sender's compression.
  Batch packed_request() {
    Batch batch = request("a", 2);
    batch.set_packed({compression::Compression::kGzip, Bytes::from("packed")});
    return batch;
  }
  Attempt next() {
    EXPECT_FALSE(attempts_.empty()) << "nothing was sent";
    if (attempts_.empty()) return {"", [](const SendResult&) {}};
    Attempt attempt = std::move(attempts_.front());
    attempts_.pop_front();
    return attempt;
  }
  std::vector<std::string> names(const Attempt& attempt) {
    return testing::record_names(Signal::kLogs, attempt.bytes);
  }
  std::uint64_t counted(const std::string& metric) {
    return registry_.sum("otlpipe_exporter_" + metric + "_records", {{"exporter", "backend"}});
  }

  QueueOptions queue_;
  RetryOptions retry_;
  telemetry::Registry registry_{1};
  std::shared_ptr<telemetry::ExporterStatus> status_ = std::make_shared<telemetry::ExporterStatus>();
  FakeNetwork network_;
  HalfRandom random_;
  pipeline::CoreContext core_{0, network_, random_};
  std::map<std::string, Outcome> heard_;
  std::deque<Attempt> attempts_;
  std::shared_ptr<const ExporterShared> shared_;
  std::shared_ptr<pipeline::Exporter> exporter_;
};

using QueuedExporter = QueuedExporterTest;

TEST_F(QueuedExporter, ClientHearsSuccessAfterDeliveryNotBefore) {
  exporter().consume(request("a", 3));
  EXPECT_TRUE(heard_.empty());
  EXPECT_EQ(shared_->budget->items(), 3U);
  next().answer(Kind::kDelivered);
  EXPECT_EQ(heard_.at("a").kind, Outcome::Kind::kDelivered);
  EXPECT_EQ(shared_->budget->items(), 0U);
  EXPECT_EQ(shared_->budget->bytes(), 0U);
  EXPECT_EQ(counted("sent"), 3U);
  EXPECT_EQ(status_->health(), telemetry::Health::kHealthy);
}

TEST_F(QueuedExporter, OnEnqueueClientHearsSuccessAtOnce) {
  queue_.acknowledge = Acknowledge::kOnEnqueue;
  exporter().consume(request("a", 3));
  EXPECT_EQ(heard_.at("a").kind, Outcome::Kind::kDelivered);
  next().answer(Kind::kDelivered);
}

TEST_F(QueuedExporter, AtMostConcurrencyAttemptsAreUnderWay) {
  queue_.concurrency = 2;
  for (const char* const name : {"a", "b", "c"}) exporter().consume(request(name, 1));
  EXPECT_EQ(attempts_.size(), 2U);
  next().answer(Kind::kDelivered);
  EXPECT_EQ(attempts_.size(), 2U);
  EXPECT_EQ(names(attempts_.back()), std::vector<std::string>{"c0"});
}

TEST_F(QueuedExporter, RetryableFailureIsTriedAgainWithGrowingWaits) {
  exporter().consume(request("a", 1));
  next().answer(Kind::kRetry);
  network_.loop().advance(milliseconds(999));
  EXPECT_TRUE(attempts_.empty());
  network_.loop().advance(milliseconds(1));
  next().answer(Kind::kRetry);
  network_.loop().advance(milliseconds(1999));
  EXPECT_TRUE(attempts_.empty());
  network_.loop().advance(milliseconds(1));
  next().answer(Kind::kDelivered);
  EXPECT_EQ(heard_.at("a").kind, Outcome::Kind::kDelivered);
  EXPECT_EQ(counted("send_failed"), 2U);
}

TEST_F(QueuedExporter, BackendsOwnDelayIsKept) {
  exporter().consume(request("a", 1));
  next().answer(Kind::kRetry, milliseconds(7500));
  network_.loop().advance(milliseconds(7499));
  EXPECT_TRUE(attempts_.empty());
  network_.loop().advance(milliseconds(1));
  EXPECT_EQ(attempts_.size(), 1U);
}

TEST_F(QueuedExporter, FirstSuccessWakesWhoOnlyBacksOffButNotWhoWasToldToWait) {
  retry_.initial_interval = seconds(20);
  for (const char* const name : {"backs-off", "told", "works"}) exporter().consume(request(name, 1));
  next().answer(Kind::kRetry);
  next().answer(Kind::kRetry, milliseconds(20'000));
  next().answer(Kind::kDelivered);
  ASSERT_EQ(attempts_.size(), 1U);
  EXPECT_EQ(names(attempts_.front()), std::vector<std::string>{"backs-off0"});
}

TEST_F(QueuedExporter, AfterMaxElapsedTheClientGetsItsDataBack) {
  retry_.max_elapsed = seconds(2);
  exporter().consume(request("a", 1));
  next().answer(Kind::kRetry);
  network_.loop().advance(seconds(1));
  next().answer(Kind::kRetry);
  EXPECT_EQ(heard_.at("a").kind, Outcome::Kind::kRetry);
  EXPECT_EQ(counted("dropped"), 0U);
  EXPECT_EQ(shared_->budget->items(), 0U);
}

TEST_F(QueuedExporter, AfterMaxElapsedAcknowledgedDataCountsAsDropped) {
  queue_.acknowledge = Acknowledge::kOnEnqueue;
  retry_.max_elapsed = milliseconds(500);
  exporter().consume(request("a", 4));
  next().answer(Kind::kRetry);
  EXPECT_EQ(counted("dropped"), 4U);
}

TEST_F(QueuedExporter, WhatWasSentAsItCameAndIsRefusedGoesOnceMoreCompressedAnew) {
  for (const Kind refusal : {Kind::kBadData, Kind::kRejected}) {
    for (const Kind second : {Kind::kDelivered, refusal}) {
      heard_.clear();
      exporter().consume(packed_request());
      Attempt as_it_came = next();
      EXPECT_TRUE(as_it_came.packed);
      as_it_came.answer(refusal, {}, "cannot inflate", Code::kInternal);
      EXPECT_TRUE(heard_.empty());
      Attempt anew = next();
      EXPECT_FALSE(anew.packed);
      EXPECT_EQ(names(anew), (std::vector<std::string>{"a0", "a1"}));
      anew.answer(second);
      EXPECT_EQ(heard_.at("a").kind,
                second == Kind::kDelivered ? Outcome::Kind::kDelivered : Outcome::Kind::kRejected);
      EXPECT_TRUE(attempts_.empty());
    }
  }
  EXPECT_EQ(counted("sent"), 4U);
  EXPECT_EQ(counted("rejected"), 4U);
}

TEST_F(QueuedExporter, FormThatTheSenderDoesNotSendIsDroppedAtOnceAndARefusalIsNotAnsweredWithMore) {
  auto held = std::make_shared<int>();
  const std::weak_ptr<int> form = held;
  Batch batch = request("a", 2);
  batch.set_packed({compression::Compression::kZstd, Bytes(std::move(held), {})});
  exporter().consume(std::move(batch));
  EXPECT_TRUE(form.expired());
  next().answer(Kind::kBadData);
  EXPECT_EQ(heard_.at("a").kind, Outcome::Kind::kRejected);
  EXPECT_TRUE(attempts_.empty());
}

TEST_F(QueuedExporter, WhatWasSentAsItCameAndIsForbiddenIsNotSentAgain) {
  exporter().consume(packed_request());
  next().answer(Kind::kRejected);
  EXPECT_EQ(heard_.at("a").kind, Outcome::Kind::kRejected);
  EXPECT_TRUE(attempts_.empty());
}

TEST_F(QueuedExporter, WhatWasSentAsItCameIsTriedAgainAsItCame) {
  exporter().consume(packed_request());
  next().answer(Kind::kRetry);
  network_.loop().advance(seconds(10));
  EXPECT_TRUE(next().packed);
}

TEST_F(QueuedExporter, BadDataIsBisectedSoThatOneClientLosesOnlyItsOwn) {
  Batch batch = request("good1-", 1);
  batch.append(request("good2-", 1));
  batch.append(request("bad-", 1));
  batch.append(request("good3-", 1));
  exporter().consume(std::move(batch));
  for (int i = 0; i < 10 && !attempts_.empty(); ++i) {
    Attempt attempt = next();
    attempt.answer(attempt.bytes.find("bad-") == std::string::npos ? Kind::kDelivered : Kind::kBadData);
  }
  EXPECT_EQ(heard_.at("good1-").kind, Outcome::Kind::kDelivered);
  EXPECT_EQ(heard_.at("good2-").kind, Outcome::Kind::kDelivered);
  EXPECT_EQ(heard_.at("good3-").kind, Outcome::Kind::kDelivered);
  EXPECT_EQ(heard_.at("bad-").kind, Outcome::Kind::kRejected);
  EXPECT_EQ(heard_.at("bad-").code, Code::kInvalidArgument);
  EXPECT_EQ(counted("sent"), 3U);
  EXPECT_EQ(counted("rejected"), 1U);
  EXPECT_EQ(shared_->budget->items(), 0U);
  EXPECT_EQ(shared_->budget->bytes(), 0U);
}

// A backend that takes requests up to `limit` bytes; answers everything that is sent.
void serve_with_limit(std::deque<Attempt>& attempts, std::size_t limit, std::vector<std::string>& arrived) {
  while (!attempts.empty()) {
    Attempt attempt = std::move(attempts.front());
    attempts.pop_front();
    if (attempt.bytes.size() > limit) {
      attempt.answer(Kind::kTooLarge);
      continue;
    }
    for (auto& name : testing::record_names(Signal::kLogs, attempt.bytes)) arrived.push_back(std::move(name));
    attempt.answer(Kind::kDelivered);
  }
}

TEST_F(QueuedExporter, TooLargeIsCutAtRecordsUntilItFits) {
  exporter().consume(request("a", 64));
  std::vector<std::string> arrived;
  serve_with_limit(attempts_, 1000, arrived);
  EXPECT_EQ(arrived, testing::record_names(Signal::kLogs, testing::make_request(Signal::kLogs, 64, "a")));
  EXPECT_EQ(heard_.at("a").kind, Outcome::Kind::kDelivered);
  EXPECT_EQ(heard_.at("a").rejected, 0U);
  EXPECT_EQ(shared_->budget->bytes(), 0U);
}

TEST_F(QueuedExporter, RecordThatAloneIsTooLargeIsDroppedCountedAndReported) {
  Batch batch{Signal::kLogs, {}, 0, {}};
  const std::string mixed = testing::make_request(Signal::kLogs, 2, "small") +
                            testing::make_request(Signal::kLogs, 1, std::string(3000, 'L'));
  exporter().consume({Signal::kLogs, Bytes::from(mixed), 3, data::Ack::track(3, [this](Outcome outcome) {
                        heard_["mixed"] = std::move(outcome);
                      })});
  std::vector<std::string> arrived;
  serve_with_limit(attempts_, 1000, arrived);
  EXPECT_EQ(arrived, (std::vector<std::string>{"small0", "small1"}));
  EXPECT_EQ(heard_.at("mixed").kind, Outcome::Kind::kDelivered);
  EXPECT_EQ(heard_.at("mixed").rejected, 1U);
  EXPECT_EQ(counted("dropped"), 1U);
}

TEST_F(QueuedExporter, LimitOnceLearnedIsKeptToByLaterBatches) {
  const std::string prefix(3000, 'p');
  exporter().consume(request(prefix, 64));
  std::vector<std::string> arrived;
  serve_with_limit(attempts_, 100'000, arrived);
  heard_.clear();
  exporter().consume(request(prefix, 64));
  ASSERT_GT(attempts_.size(), 1U);
  for (const Attempt& attempt : attempts_) EXPECT_LE(attempt.bytes.size(), 100'000U);
  serve_with_limit(attempts_, 100'000, arrived);
  EXPECT_EQ(arrived.size(), 128U);
}

TEST_F(QueuedExporter, PartialSuccessIsNotRetriedAndCounted) {
  exporter().consume(request("a", 5));
  std::exchange(attempts_.front().done, nullptr)({Kind::kDelivered, 2, {}, Code::kUnknown, "too old"});
  EXPECT_EQ(heard_.at("a").rejected, 2U);
  EXPECT_EQ(counted("sent"), 3U);
  EXPECT_EQ(counted("rejected"), 2U);
  network_.loop().advance(seconds(60));
  EXPECT_EQ(attempts_.size(), 1U);
}

TEST_F(QueuedExporter, PermanentRefusalIsNotRetriedAndShowsAsFailing) {
  exporter().consume(request("a", 5));
  next().answer(Kind::kRejected, {}, "permission denied");
  EXPECT_EQ(heard_.at("a").kind, Outcome::Kind::kRejected);
  EXPECT_EQ(heard_.at("a").code, Code::kPermissionDenied);
  EXPECT_EQ(status_->last_error(), "permission denied");
}

TEST_F(QueuedExporter, BlockWaitsForRoomAndThenSendsOn) {
  queue_.max_items = 10;
  exporter().consume(request("a", 8));
  exporter().consume(request("b", 8));
  EXPECT_EQ(attempts_.size(), 1U);
  network_.loop().advance(seconds(1));
  next().answer(Kind::kDelivered);
  next().answer(Kind::kDelivered);
  EXPECT_EQ(heard_.at("b").kind, Outcome::Kind::kDelivered);
}

TEST_F(QueuedExporter, BlockRefusesRetryablyWhenThereIsNoRoomForTooLong) {
  queue_.max_items = 10;
  exporter().consume(request("a", 8));
  exporter().consume(request("b", 8));
  network_.loop().advance(seconds(4));
  EXPECT_TRUE(heard_.empty());
  network_.loop().advance(seconds(2));
  EXPECT_EQ(heard_.at("b").kind, Outcome::Kind::kRetry);
  EXPECT_GT(heard_.at("b").delay.count(), 0);
  EXPECT_EQ(counted("refused"), 8U);
}

TEST_F(QueuedExporter, RoomThatAnotherCoreFreesIsNoticed) {
  queue_.max_items = 10;
  exporter();
  shared_->budget->take(10, 100);  // the other core's
  exporter().consume(request("b", 8));
  EXPECT_TRUE(attempts_.empty());
  shared_->budget->give_back(10, 100);
  network_.loop().advance(milliseconds(20));
  EXPECT_EQ(attempts_.size(), 1U);
}

TEST_F(QueuedExporter, WhatIsLargerThanTheQueueIsTakenWhenTheQueueIsEmpty) {
  queue_.max_items = 10;
  exporter().consume(request("a", 80));
  EXPECT_EQ(attempts_.size(), 1U);
}

TEST_F(QueuedExporter, DropOldestDropsWhatWaitsLongestAndCounts) {
  queue_.max_items = 20;
  queue_.concurrency = 1;
  queue_.overflow = Overflow::kDropOldest;
  queue_.acknowledge = Acknowledge::kOnEnqueue;
  for (const char* const name : {"on-the-wire", "oldest", "newest"}) exporter().consume(request(name, 8));
  EXPECT_EQ(counted("dropped"), 8U);
  next().answer(Kind::kDelivered);
  EXPECT_EQ(names(next())[0], "newest0");
  EXPECT_TRUE(attempts_.empty());
}

TEST_F(QueuedExporter, DropNewestRefusesAtOnceWhenClientsWaitAnyway) {
  queue_.max_items = 10;
  queue_.overflow = Overflow::kDropNewest;
  exporter().consume(request("a", 8));
  exporter().consume(request("b", 8));
  EXPECT_EQ(heard_.at("b").kind, Outcome::Kind::kRetry);
  EXPECT_EQ(counted("dropped"), 0U);
}

TEST_F(QueuedExporter, DropNewestDropsAndCountsWhenClientsDoNotWait) {
  queue_.max_items = 10;
  queue_.overflow = Overflow::kDropNewest;
  queue_.acknowledge = Acknowledge::kOnEnqueue;
  exporter().consume(request("a", 8));
  exporter().consume(request("b", 8));
  EXPECT_EQ(heard_.at("b").kind, Outcome::Kind::kDelivered);
  EXPECT_EQ(counted("dropped"), 8U);
}

TEST_F(QueuedExporter, RetiringWithoutSuccessorDeliversAllAndThenSaysSo) {
  queue_.concurrency = 1;
  bool done = false;
  exporter().consume(request("a", 1));
  exporter().consume(request("b", 1));
  exporter().retire(nullptr, [&] { done = true; });
  next().answer(Kind::kRetry);
  network_.loop().advance(seconds(1));
  next().answer(Kind::kDelivered);
  network_.loop().run();
  EXPECT_FALSE(done);
  next().answer(Kind::kDelivered);
  network_.loop().run();
  EXPECT_TRUE(done);
  EXPECT_EQ(heard_.size(), 2U);
}

TEST_F(QueuedExporter, SuccessorGetsWhatWaitsAtOnceAndWhatIsOnTheWireIfItFails) {
  queue_.concurrency = 3;
  queue_.max_items = 10;
  for (const char* const name : {"retries", "fails", "arrives", "waits"})
    exporter().consume(request(name, 2));
  next().answer(Kind::kRetry);
  exporter().consume(request("blocked", 8));
  std::deque<Attempt> fresh;
  const auto successor = make(fresh);
  bool done = false;
  exporter().retire(successor, [&] { done = true; });
  EXPECT_EQ(fresh.size(), 3U);  // retries, waits, blocked
  next().answer(Kind::kRetry);
  EXPECT_EQ(fresh.size(), 3U);  // its slots are full
  next().answer(Kind::kDelivered);
  network_.loop().run();
  EXPECT_TRUE(done);
  exporter_.reset();
  while (!fresh.empty()) {
    fresh.front().answer(Kind::kDelivered);
    fresh.pop_front();
  }
  EXPECT_EQ(heard_.size(), 5U);
  for (const auto& [name, outcome] : heard_) EXPECT_EQ(outcome.kind, Outcome::Kind::kDelivered) << name;
}

TEST_F(QueuedExporter, SuccessorThatIsGoneItselfPassesOnToItsOwn) {
  exporter().consume(request("a", 1));
  std::deque<Attempt> second_attempts;
  std::deque<Attempt> third_attempts;
  auto second = make(second_attempts);
  const auto third = make(third_attempts);
  exporter().retire(second, [] {});
  second->retire(third, [] {});
  second.reset();
  network_.loop().run();
  next().answer(Kind::kRetry);
  ASSERT_EQ(third_attempts.size(), 1U);
  third_attempts.front().answer(Kind::kDelivered);
  EXPECT_EQ(heard_.at("a").kind, Outcome::Kind::kDelivered);
}

TEST_F(QueuedExporter, WhatABackendSaysIsPassedOnAsUtf8) {
  exporter().consume(request("a", 1));
  next().answer(Kind::kRejected, {}, "caf\xc3\xa9");
  EXPECT_EQ(heard_.at("a").message, "caf\xc3\xa9");
  exporter().consume(request("b", 1));
  next().answer(Kind::kRejected, {}, "cut caf\xc3");
  EXPECT_EQ(heard_.at("b").message, "cut caf?");
  EXPECT_EQ(status_->last_error(), "cut caf?");
}

TEST_F(QueuedExporter, AbandonTellsApartWhatWasAcknowledged) {
  exporter().consume(request("a", 3));
  queue_.acknowledge = Acknowledge::kOnEnqueue;
  std::deque<Attempt> other_attempts;
  const auto other = make(other_attempts);
  other->consume(request("b", 5));
  EXPECT_EQ(exporter().abandon().unacknowledged, 3U);
  EXPECT_EQ(heard_.at("a").kind, Outcome::Kind::kRetry);
  EXPECT_EQ(other->abandon().acknowledged, 5U);
  other->consume(request("late", 1));
  EXPECT_EQ(heard_.at("late").kind, Outcome::Kind::kRetry);
  next().answer(Kind::kDelivered);  // too late; nobody listens
  EXPECT_EQ(network_.loop().timer_count(), 0U);
}

}  // namespace
}  // namespace otlpipe::worker::queue
