#include "operator/runtime/watcher.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace otlpipe::runtime {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

kube::ObjectPtr versioned(const std::string& name, const std::string& version) {
  return std::make_shared<const Json>(Json{{"metadata", {{"name", name}, {"resourceVersion", version}}}});
}

class WatcherTest : public ::testing::Test {
 protected:
  std::vector<WatcherAction> feed(WatcherInput input) {
    return step(state_, std::move(input), options_, 0.5);
  }

  // Feeds the input and returns its only action, which must be of this type.
  template <typename Action>
  Action only(WatcherInput input) {
    auto actions = feed(std::move(input));
    EXPECT_EQ(actions.size(), 1U);
    if (actions.size() != 1 || !std::holds_alternative<Action>(actions[0])) {
      ADD_FAILURE() << "another action than expected, state " << phase_name(state_);
      return Action{};
    }
    return std::get<Action>(std::move(actions[0]));
  }

  // A finished list at version 10, so that the machine watches.
  void start_watching() {
    feed(Begin{});
    feed(PageListed{{versioned("a", "1")}, "10", ""});
    ASSERT_EQ(phase_name(state_), "watching");
  }

  WatcherState state_;
  WatcherOptions options_{.page_size = 2, .watch_timeout = 100s, .initial_backoff = 1s, .max_backoff = 8s};
};

Error error(Code code, Retry retry = Retry::backoff()) {
  return {code, "x", "", retry};
}

TEST_F(WatcherTest, PagesAreDeliveredTogetherAndTheWatchStartsAtTheirVersion) {
  EXPECT_EQ(only<RequestPage>(Begin{}).limit, 2);
  EXPECT_EQ(
      only<RequestPage>(PageListed{{versioned("a", "1"), versioned("b", "2")}, "10", "next"}).continue_token,
      "next");
  const auto actions = feed(PageListed{{versioned("c", "3")}, "10", ""});
  ASSERT_EQ(actions.size(), 2U);
  EXPECT_EQ(std::get<ReplaceAll>(actions[0]).objects.size(), 3U);
  EXPECT_EQ(std::get<OpenWatch>(actions[1]).resource_version, "10");
}

TEST_F(WatcherTest, WatchTimeoutIsSpreadOverOneToTwoTimesItsLength) {
  feed(Begin{});
  const auto actions = step(state_, PageListed{{}, "10", ""}, options_, 0.25);
  EXPECT_EQ(std::get<OpenWatch>(actions[1]).timeout, 125s);
}

TEST_F(WatcherTest, EventsChangeTheCacheAndMoveTheVersionOn) {
  start_watching();
  EXPECT_EQ(kube::name(*only<Upsert>(ObjectChanged{versioned("b", "11"), false}).object), "b");
  EXPECT_EQ(only<Erase>(ObjectChanged{versioned("b", "12"), true}).key.name, "b");
  EXPECT_EQ(only<OpenWatch>(WatchEnded{100s}).resource_version, "12");
}

TEST_F(WatcherTest, BookmarkMovesTheVersionWithoutTouchingTheCache) {
  start_watching();
  EXPECT_TRUE(feed(BookmarkSeen{"99"}).empty());
  EXPECT_EQ(only<OpenWatch>(WatchEnded{100s}).resource_version, "99");
}

TEST_F(WatcherTest, EmptyVersionOfABookmarkIsIgnored) {
  start_watching();
  feed(BookmarkSeen{""});
  EXPECT_EQ(only<OpenWatch>(WatchEnded{100s}).resource_version, "10");
}

TEST_F(WatcherTest, ExpiredVersionListsAgainAtOnceAndTheSecondTimeInARowAfterAWait) {
  start_watching();
  EXPECT_EQ(only<RequestPage>(WatchFailed{error(Code::kOutOfRange)}).continue_token, "");
  feed(PageListed{{}, "20", ""});
  only<Wait>(WatchFailed{error(Code::kOutOfRange)});
  EXPECT_EQ(only<RequestPage>(WaitOver{}).limit, 2);
}

TEST_F(WatcherTest, UnreadableEventListsAgainInsteadOfMeetingItAgain) {
  start_watching();
  only<RequestPage>(WatchFailed{error(Code::kDataLoss)});
}

TEST_F(WatcherTest, OtherFailureResumesFromTheLastVersionAfterAWait) {
  start_watching();
  feed(ObjectChanged{versioned("b", "15"), false});
  only<Wait>(WatchFailed{error(Code::kUnavailable)});
  EXPECT_EQ(only<OpenWatch>(WaitOver{}).resource_version, "15");
}

TEST_F(WatcherTest, ExpiredPageListsInOnePiece) {
  feed(Begin{});
  feed(PageListed{{versioned("a", "1"), versioned("b", "2")}, "10", "next"});
  only<Wait>(ListFailed{error(Code::kOutOfRange)});
  EXPECT_EQ(only<RequestPage>(WaitOver{}).limit, 0);
  const auto actions = feed(PageListed{{versioned("z", "5")}, "30", ""});
  EXPECT_EQ(std::get<ReplaceAll>(actions[0]).objects.size(), 1U)
      << "pages of the failed list must not remain";
}

TEST_F(WatcherTest, FailuresWaitLongerAndLongerUpToTheCeilingAndProgressResets) {
  feed(Begin{});
  std::vector<Duration> waits;
  for (int i = 0; i < 6; ++i) {
    waits.push_back(only<Wait>(ListFailed{error(Code::kUnavailable)}).delay);
    feed(WaitOver{});
  }
  EXPECT_EQ(waits, (std::vector<Duration>{1s, 2s, 4s, 8s, 8s, 8s}));
  feed(PageListed{{}, "10", ""});
  feed(ObjectChanged{versioned("a", "11"), false});
  EXPECT_EQ(only<Wait>(WatchFailed{error(Code::kUnavailable)}).delay, 1s);
}

TEST_F(WatcherTest, ServersWishToWaitIsHonoured) {
  feed(Begin{});
  EXPECT_EQ(only<Wait>(ListFailed{error(Code::kResourceExhausted, Retry::after(60s))}).delay, 60s);
}

TEST_F(WatcherTest, WatchThatEndsAtOnceIsNotReopenedAtOnce) {
  start_watching();
  only<Wait>(WatchEnded{10ms});
  EXPECT_EQ(only<OpenWatch>(WaitOver{}).resource_version, "10");
}

TEST_F(WatcherTest, LateInputsOfAnotherPhaseChangeNothing) {
  start_watching();
  EXPECT_TRUE(feed(PageListed{{}, "1", ""}).empty());
  EXPECT_TRUE(feed(ListFailed{error(Code::kUnavailable)}).empty());
  EXPECT_TRUE(feed(WaitOver{}).empty());
  EXPECT_TRUE(feed(Begin{}).empty());
  EXPECT_EQ(phase_name(state_), "watching");
  only<Wait>(WatchFailed{error(Code::kUnavailable)});
  EXPECT_TRUE(feed(ObjectChanged{versioned("a", "1"), false}).empty());
  EXPECT_TRUE(feed(WatchEnded{1s}).empty());
  EXPECT_EQ(phase_name(state_), "waiting");
}

}  // namespace
}  // namespace otlpipe::runtime
