#include "operator/runtime/informer.h"

#include <condition_variable>
#include <thread>

#include <gtest/gtest.h>

#include "operator/kube/resources.h"
#include "tests/support/kube/fake_client.h"
#include "tests/support/runtime/fake_wait_clock.h"

namespace otlpipe::runtime {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using kube::testing::Call;
using kube::testing::FakeClient;

class InformerTest : public ::testing::Test {
 protected:
  void start(InformerSpec spec = {}) {
    spec.resource = kube::config_maps();
    spec.watcher.page_size = 2;
    informer_ = std::make_unique<Informer>(std::move(spec), fake_, clock_, random_, Logger(), observer_);
    informer_->cache().add_handler([this](const Change& change) {
      const std::lock_guard lock(mutex_);
      log_.push_back((change.before ? (change.after ? "~" : "-") : "+") + change.key.name);
      changed_.notify_all();
    });
    thread_ = std::jthread([this](const std::stop_token& stop) { informer_->run(stop); });
  }
  void put(const std::string& name, const std::string& value = "1") {
    fake_.edit(kube::config_maps(), {"ns", name}, [&](Json& object) { object["data"]["v"] = value; });
  }
  // Waits for so many changes in all and returns them.
  std::vector<std::string> changes(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 10s, [&] { return log_.size() >= count; });
    return log_;
  }

  FakeClient fake_;
  testing::FakeWaitClock clock_;
  SeededRandom random_{3};
  Observer observer_;
  std::unique_ptr<Informer> informer_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> log_;
  std::jthread thread_;
};

using Log = std::vector<std::string>;

TEST_F(InformerTest, ListsInPagesThenFollowsChanges) {
  for (const char* name : {"a", "b", "c"}) put(name);
  start();
  fake_.await_watches(1);
  EXPECT_TRUE(informer_->cache().synced());
  put("a", "2");
  put("d");
  EXPECT_TRUE(fake_.remove(kube::config_maps(), {"ns", "b"}, {}));
  EXPECT_EQ(changes(6), (Log{"+a", "+b", "+c", "~a", "+d", "-b"}));
  EXPECT_EQ(informer_->cache().size(), 3U);
}

TEST_F(InformerTest, StoredObjectsKnowTheirKindAndLoseWhatIsStripped) {
  put("a");
  start({.resource = {}, .strip = [](Json& object) { object.erase("data"); }});
  fake_.await_watches(1);
  put("b");
  changes(2);
  for (const char* name : {"a", "b"}) {
    const auto object = informer_->cache().get({"ns", name});
    ASSERT_TRUE(object);
    EXPECT_EQ(kube::kind(*object), "ConfigMap");
    EXPECT_EQ(kube::api_version(*object), "v1");
    EXPECT_FALSE(object->contains("data"));
  }
}

TEST_F(InformerTest, EndedWatchGoesOnWhereItWas) {
  put("a");
  start();
  fake_.await_watches(1);
  fake_.end_watches();  // at once, so the machine waits
  clock_.await_timed_waiters(1);
  put("b");
  clock_.advance(1min);
  EXPECT_EQ(changes(2), (Log{"+a", "+b"}));
  const auto calls = fake_.calls(true);
  EXPECT_EQ(std::count_if(calls.begin(), calls.end(), [](const Call& call) { return call.verb == "list"; }),
            1);
}

TEST_F(InformerTest, LostHistoryListsAgainAndTellsTheDifference) {
  put("a");
  put("b");
  start();
  fake_.await_watches(1);
  // The watch breaks, things happen unseen, and the history is gone.
  fake_.fail_watches({Code::kUnavailable, "gone", "", Retry::backoff()});
  clock_.await_timed_waiters(1);
  put("b", "2");
  EXPECT_TRUE(fake_.remove(kube::config_maps(), {"ns", "a"}, {}));
  fake_.compact();
  clock_.advance(1min);
  EXPECT_EQ(changes(4), (Log{"+a", "+b", "~b", "-a"}));
}

TEST_F(InformerTest, BookmarkSavesTheListAfterACompaction) {
  put("a");
  start();
  fake_.await_watches(1);
  // Something else moves the version on; only a bookmark tells the watcher.
  fake_.edit(kube::secrets(), {"ns", "s"}, [](Json&) {});
  fake_.send_bookmarks();
  put("b");
  changes(2);
  EXPECT_EQ(informer_->last_error(), "");
}

TEST_F(InformerTest, FailingListIsToldAndRetriedWithBackoff) {
  std::atomic<int> attempts{0};
  fake_.set_fault([&](const Call& call) -> std::optional<Error> {
    if (call.verb != "list" || ++attempts > 3) return std::nullopt;
    return Error{Code::kPermissionDenied, "configmaps is forbidden", "GET /x", Retry::backoff()};
  });
  put("a");
  start();
  for (int i = 0; i < 3; ++i) {
    clock_.await_timed_waiters(1);
    EXPECT_FALSE(informer_->cache().synced());
    EXPECT_EQ(informer_->last_error(), "GET /x: configmaps is forbidden");
    clock_.advance(1min);
  }
  EXPECT_EQ(changes(1), Log{"+a"});
  fake_.await_watches(1);
  EXPECT_EQ(informer_->last_error(), "");
}

TEST_F(InformerTest, StopsAtOnceWhileItWaitsToRetry) {
  fake_.set_fault([](const Call&) { return Error{Code::kUnavailable, "down", "", Retry::backoff()}; });
  start();
  clock_.await_timed_waiters(1);
  thread_.request_stop();
  thread_.join();
}

}  // namespace
}  // namespace otlpipe::runtime
