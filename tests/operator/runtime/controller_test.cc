#include "operator/runtime/controller.h"

#include <condition_variable>
#include <functional>
#include <stdexcept>

#include <gtest/gtest.h>

#include "operator/kube/resources.h"
#include "tests/support/kube/fake_client.h"
#include "tests/support/runtime/fake_wait_clock.h"

namespace otlpipe::runtime {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using kube::ObjectKey;

const ObjectKey kKey{"ns", "a"};

class FakeReconciler final : public Reconciler {
 public:
  std::function<Result<Outcome>(const ObjectKey&)> behaviour = [](const ObjectKey&) { return Outcome{}; };

  Result<Outcome> reconcile(const ObjectKey& key) override {
    auto result = behaviour(key);
    const std::lock_guard lock(mutex_);
    keys_.push_back(key);
    changed_.notify_all();
    return result;
  }
  std::vector<ObjectKey> await(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 10s, [&] { return keys_.size() >= count; });
    return keys_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<ObjectKey> keys_;
};

class CountingObserver final : public Observer {
 public:
  void reconciled(std::string_view, ReconcileResult result, Duration) override { results.push_back(result); }
  std::vector<ReconcileResult> results;
};

class ControllerTest : public ::testing::Test {
 protected:
  testing::FakeWaitClock clock_;
  SeededRandom random_{5};
  CountingObserver observer_;
  FakeReconciler reconciler_;
  Controller controller_{{.name = "test",
                          .workers = 1,
                          .pause_after_hopeless_error = 5min,
                          .queue = {.initial_backoff = 1s, .max_backoff = 60s, .jitter = 0}},
                         reconciler_,
                         clock_,
                         random_,
                         Logger(),
                         observer_};
};

TEST_F(ControllerTest, QueuedKeysAreReconciled) {
  controller_.enqueue(kKey);
  controller_.start();
  EXPECT_EQ(reconciler_.await(1), std::vector<ObjectKey>{kKey});
  controller_.stop();
  EXPECT_EQ(observer_.results, std::vector<ReconcileResult>{ReconcileResult::kSuccess});
}

TEST_F(ControllerTest, RequeueAfterComesBackAtThatTime) {
  reconciler_.behaviour = [](const ObjectKey&) { return Outcome{30s}; };
  controller_.enqueue(kKey);
  controller_.start();
  reconciler_.await(1);
  clock_.await_timed_waiters(1);
  clock_.advance(29s);
  clock_.await_timed_waiters(1);
  EXPECT_EQ(reconciler_.await(1).size(), 1U);
  clock_.advance(1s);
  EXPECT_EQ(reconciler_.await(2).size(), 2U);
}

TEST_F(ControllerTest, ErrorBacksOffAndSuccessForgets) {
  int calls = 0;
  reconciler_.behaviour = [&](const ObjectKey&) -> Result<Outcome> {
    if (++calls <= 2) return fail(Code::kUnavailable, "down", "", Retry::backoff());
    return Outcome{};
  };
  controller_.enqueue(kKey);
  controller_.start();
  for (const auto wait : {1s, 2s}) {
    clock_.await_timed_waiters(1);
    clock_.advance(wait);
  }
  reconciler_.await(3);
  controller_.stop();
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(observer_.results, (std::vector<ReconcileResult>{ReconcileResult::kError, ReconcileResult::kError,
                                                             ReconcileResult::kSuccess}));
}

TEST_F(ControllerTest, ErrorThatAsksForADelayGetsIt) {
  controller_.process(kKey);
  reconciler_.behaviour = [](const ObjectKey&) -> Result<Outcome> {
    return fail(Code::kResourceExhausted, "later", "", Retry::after(20s));
  };
  controller_.enqueue(kKey);
  controller_.start();
  reconciler_.await(2);
  clock_.await_timed_waiters(1);
  clock_.advance(19s);
  clock_.await_timed_waiters(1);
  EXPECT_EQ(reconciler_.await(2).size(), 2U);
  clock_.advance(1s);
  EXPECT_EQ(reconciler_.await(3).size(), 3U);
}

TEST_F(ControllerTest, HopelessErrorDoesNotSpinButAChangeIsSeenAtOnce) {
  reconciler_.behaviour = [](const ObjectKey&) -> Result<Outcome> {
    return fail(Code::kInvalidArgument, "never", "", Retry::never());
  };
  controller_.enqueue(kKey);
  controller_.start();
  reconciler_.await(1);
  clock_.await_timed_waiters(1);
  clock_.advance(4min);
  clock_.await_timed_waiters(1);
  EXPECT_EQ(reconciler_.await(1).size(), 1U);
  controller_.enqueue(kKey);
  EXPECT_EQ(reconciler_.await(2).size(), 2U);
}

TEST_F(ControllerTest, ExceptionEndsOneReconcileAndNothingElse) {
  reconciler_.behaviour = [](const ObjectKey& key) -> Result<Outcome> {
    if (key == kKey) throw std::runtime_error("bug");
    return Outcome{};
  };
  controller_.process(kKey);
  controller_.enqueue({"ns", "other"});
  controller_.start();
  EXPECT_EQ(reconciler_.await(1), (std::vector<ObjectKey>{{"ns", "other"}}));
  controller_.stop();
  EXPECT_EQ(observer_.results,
            (std::vector<ReconcileResult>{ReconcileResult::kPanic, ReconcileResult::kSuccess}));
}

TEST_F(ControllerTest, StopWaitsForTheReconcileThatRuns) {
  std::mutex mutex;
  std::condition_variable changed;
  bool entered = false;
  bool release = false;
  std::atomic<bool> finished{false};
  reconciler_.behaviour = [&](const ObjectKey&) {
    std::unique_lock lock(mutex);
    entered = true;
    changed.notify_all();
    changed.wait(lock, [&] { return release; });
    finished = true;
    return Outcome{};
  };
  controller_.enqueue(kKey);
  controller_.start();
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return entered; });
  }
  std::thread releaser([&] {
    const std::lock_guard lock(mutex);
    release = true;
    changed.notify_all();
  });
  controller_.stop();
  EXPECT_TRUE(finished);
  releaser.join();
}

Json object(const std::string& text) {
  return Json::parse(text);
}

Change change(const std::string& before, const std::string& after) {
  const auto share = [](const std::string& text) {
    return text.empty() ? nullptr : std::make_shared<const Json>(object(text));
  };
  return {{"ns", "a"}, share(before), share(after)};
}

TEST(Predicates, StatusAloneDoesNotCountAsAChangeOfIntent) {
  const std::string before =
      R"({"metadata":{"generation":1,"resourceVersion":"1","uid":"u"},"status":{"a":1}})";
  EXPECT_FALSE(generation_or_metadata_changed(
      change(before, R"({"metadata":{"generation":1,"resourceVersion":"2","uid":"u"},"status":{"a":2}})")));
  EXPECT_TRUE(generation_or_metadata_changed(
      change(before, R"({"metadata":{"generation":2,"resourceVersion":"2","uid":"u"}})")));
  EXPECT_TRUE(generation_or_metadata_changed(
      change(before, R"({"metadata":{"generation":1,"resourceVersion":"2","uid":"u","labels":{"x":"y"}}})")));
  EXPECT_TRUE(generation_or_metadata_changed(change("", before)));
  EXPECT_TRUE(generation_or_metadata_changed(change(before, "")));
}

TEST(Predicates, KindWithoutGenerationCountsEveryChangeButTheVersion) {
  const std::string before = R"({"metadata":{"resourceVersion":"1"},"data":{"a":"1"}})";
  EXPECT_FALSE(generation_or_metadata_changed(
      change(before, R"({"metadata":{"resourceVersion":"2"},"data":{"a":"1"}})")));
  EXPECT_TRUE(generation_or_metadata_changed(
      change(before, R"({"metadata":{"resourceVersion":"2"},"data":{"a":"2"}})")));
}

TEST(Mappers, ControllingOwnerOfTheRightKindAndGroupIsFoundOnBothSides) {
  const auto owned_by = [](const std::string& kind, const std::string& api, const std::string& name) {
    return R"({"metadata":{"namespace":"ns","ownerReferences":[{"kind":")" + kind + R"(","apiVersion":")" +
           api + R"(","name":")" + name + R"(","uid":"u","controller":true}]}})";
  };
  const auto mapper = controlling_owner("OtlpPipeline", "otlpipe.io");
  const std::string mine = owned_by("OtlpPipeline", "otlpipe.io/v1alpha1", "p");
  EXPECT_EQ(mapper(change("", mine)), (std::vector<ObjectKey>{{"ns", "p"}}));
  EXPECT_EQ(mapper(change(mine, mine)).size(), 1U);
  EXPECT_EQ(mapper(change(mine, owned_by("OtlpPipeline", "otlpipe.io/v1alpha1", "q"))).size(), 2U);
  EXPECT_TRUE(mapper(change("", owned_by("OtlpPipeline", "other.io/v1", "p"))).empty());
  EXPECT_TRUE(mapper(change("", owned_by("ReplicaSet", "apps/v1", "p"))).empty());
}

}  // namespace
}  // namespace otlpipe::runtime
