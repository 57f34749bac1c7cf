#include "operator/runtime/events.h"

#include <thread>

#include <gtest/gtest.h>

#include "operator/kube/resources.h"
#include "operator/runtime/event_series.h"
#include "tests/support/kube/fake_client.h"
#include "tests/support/runtime/fake_wait_clock.h"

namespace otlpipe::runtime {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using kube::testing::Call;
using kube::testing::FakeClient;

EventFacts facts(const std::string& message, const std::string& uid = "u") {
  return {{"ns", "obj"}, uid,      "OtlpPipeline", "otlpipe.io/v1alpha1", "7", EventType::kWarning,
          "Reason",      "Action", message};
}

class EventBookTest : public ::testing::Test {
 protected:
  bool record(const std::string& message, Duration at = 0s, const std::string& uid = "u") {
    return book_.record(facts(message, uid), start_ + at, WallTime(at), ++chance_);
  }
  EventBook::Write written(EventBook::Written how = EventBook::Written::kYes) {
    auto write = book_.next();
    EXPECT_TRUE(write);
    book_.finish(write->facts, how);
    return *write;
  }

  EventOptions options_{.reporting_instance = "me", .max_pending = 3, .max_series = 4, .per_object_burst = 5};
  EventBook book_{options_};
  MonotonicTime start_{1h};
  std::uint64_t chance_ = 0;
};

TEST_F(EventBookTest, SameEventAgainRaisesTheCountOfTheFirst) {
  record("m");
  const auto first = written();
  EXPECT_TRUE(first.create);
  record("m", 10s);
  const auto second = written();
  EXPECT_FALSE(second.create);
  EXPECT_EQ(second.count, 2);
  EXPECT_EQ(second.key, first.key);
  EXPECT_EQ(event_patch(second)["series"]["count"], 2);
}

TEST_F(EventBookTest, RepetitionsWhileOneWaitsRideOnIt) {
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(record("m"));
  EXPECT_EQ(book_.pending(), 1U);
  EXPECT_EQ(written().count, 100);
}

TEST_F(EventBookTest, SameEventAfterTheWindowIsANewOne) {
  record("m");
  const auto first = written();
  record("m", 7min);
  const auto second = written();
  EXPECT_TRUE(second.create);
  EXPECT_EQ(second.count, 1);
  EXPECT_NE(second.key, first.key);
}

TEST_F(EventBookTest, TooManyPendingAreDropped) {
  EXPECT_TRUE(record("1"));
  EXPECT_TRUE(record("2"));
  EXPECT_TRUE(record("3"));
  EXPECT_FALSE(record("4"));
  EXPECT_EQ(book_.pending(), 3U);
}

TEST_F(EventBookTest, OneObjectCannotTakeMoreThanItsRateAndOthersAreNotAffected) {
  int taken = 0;
  for (int i = 0; i < 20; ++i) {
    if (record(std::to_string(i))) {
      ++taken;
      written();
    }
  }
  EXPECT_EQ(taken, 5);
  EXPECT_TRUE(record("other", 0s, "v"));
  written();
  EXPECT_TRUE(record("later", 31s));
}

TEST_F(EventBookTest, MemoryIsBoundedBySeries) {
  for (int i = 0; i < 50; ++i) {
    if (record("m", 0s, "uid" + std::to_string(i))) written();
  }
  EXPECT_LE(book_.series(), 4U);
}

TEST_F(EventBookTest, SeriesThatTheServerForgotBeginsAnew) {
  record("m");
  written();
  record("m", 1s);
  EXPECT_FALSE(written(EventBook::Written::kGone).create);
  EXPECT_TRUE(written().create);
}

TEST_F(EventBookTest, FailingWriteIsTriedThreeTimes) {
  record("m");
  int attempts = 0;
  while (book_.pending() > 0 && attempts < 10) {
    written(EventBook::Written::kTryAgain);
    ++attempts;
  }
  EXPECT_EQ(attempts, 3);
}

TEST_F(EventBookTest, LongNotesAreCutAtACharacter) {
  std::string message;
  while (message.size() < 3000) message += "ä";
  record(message);
  const Json event = event_object(written(), options_);
  const std::string note = event["note"];
  EXPECT_LE(note.size(), 1024U);
  EXPECT_NO_THROW((void)event.dump()) << "half a character is not UTF-8";
}

TEST(EventRecorder, EventsReachTheServerInTheNamespaceOfTheirObject) {
  FakeClient fake;
  testing::FakeWaitClock clock;
  SeededRandom random(2);
  Observer observer;
  ApiEventRecorder recorder({.reporting_instance = "me"}, fake, clock, random, Logger(), observer);
  const Json object = fake.edit(kube::config_maps(), {"ns", "obj"}, [](Json&) {});
  std::jthread thread([&](const std::stop_token& stop) { recorder.run(stop); });
  recorder.record(object, EventType::kWarning, "ConfigurationRejected", "Reconcile", "spec.replicas: no");
  recorder.record(object, EventType::kNormal, "Applied", "Reconcile", "done");
  thread.request_stop();
  thread.join();  // sends what is pending
  const auto keys = fake.keys(kube::events());
  ASSERT_EQ(keys.size(), 2U);
  const Json event = fake.peek(kube::events(), keys[0]);
  EXPECT_EQ(keys[0].ns, "ns");
  EXPECT_EQ(event["regarding"]["name"], "obj");
  EXPECT_EQ(event["reportingController"], "otlpipe.io/operator");
  EXPECT_EQ(event["eventTime"], "2026-01-01T00:00:00.000000Z");
}

}  // namespace
}  // namespace otlpipe::runtime
