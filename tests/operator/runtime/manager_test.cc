#include "operator/runtime/manager.h"

#include <latch>
#include <thread>

#include <gtest/gtest.h>

#include "operator/kube/resources.h"
#include "operator/runtime/thread_group.h"
#include "tests/support/kube/fake_client.h"
#include "tests/support/runtime/fake_wait_clock.h"

namespace otlpipe::runtime {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using kube::testing::Call;
using kube::testing::FakeClient;

class Recorder final : public Reconciler {
 public:
  Result<Outcome> reconcile(const kube::ObjectKey&) override {
    seen.count_down();
    return Outcome{};
  }
  std::latch seen{1};
};

class ManagerTest : public ::testing::Test {
 protected:
  void run(ManagerOptions options) {
    manager_ = std::make_unique<Manager>(std::move(options), fake_, clock_, random_, Logger(), observer_);
    Informer& source = manager_->add_informer({.resource = kube::config_maps()});
    controller_.watch(source, anything_changed, own_key);
    manager_->add_controller(controller_);
    manager_->add_runnable("runnable", Manager::When::kAlways, [this](const std::stop_token& stop) {
      while (pause(clock_, 1h, stop)) {
      }
      order_ += "runnable ";
    });
    thread_ = std::jthread([this](const std::stop_token& stop) { result_ = manager_->run(stop); });
  }
  Status stop() {
    thread_.request_stop();
    thread_.join();
    return result_;
  }

  FakeClient fake_;
  testing::FakeWaitClock clock_;
  SeededRandom random_{4};
  Observer observer_;
  Recorder reconciler_;
  Controller controller_{
      {.name = "test", .workers = 1, .queue = {}}, reconciler_, clock_, random_, Logger(), observer_};
  std::string order_;
  Status result_;
  std::unique_ptr<Manager> manager_;
  std::jthread thread_;
};

LeaderElectionOptions election() {
  return {.lease = {"ns", "lease"}, .identity = "me"};
}

TEST_F(ManagerTest, ReconcilesWhatWasThereBeforeAndStopsCleanly) {
  fake_.edit(kube::config_maps(), {"ns", "a"}, [](Json&) {});
  run({});
  reconciler_.seen.wait();
  EXPECT_TRUE(manager_->synced());
  EXPECT_TRUE(manager_->leading());
  EXPECT_TRUE(stop());
  EXPECT_EQ(order_, "runnable ");
  EXPECT_FALSE(manager_->leading());
}

TEST_F(ManagerTest, FollowerKeepsItsCachesWarmAndReconcilesNothing) {
  fake_.edit(kube::leases(), {"ns", "lease"}, [](Json& lease) {
    lease["spec"] = {{"holderIdentity", "other"}, {"leaseDurationSeconds", 15}, {"renewTime", "t"}};
  });
  fake_.edit(kube::config_maps(), {"ns", "a"}, [](Json&) {});
  run({.leader_election = election()});
  fake_.await_watches(1);
  clock_.await_timed_waiters(2);  // the runnable and the candidate
  EXPECT_TRUE(manager_->synced());
  EXPECT_FALSE(manager_->leading());
  EXPECT_EQ(controller_.queue_counts().ready, 1U) << "waits for the day that we lead";
  EXPECT_TRUE(stop());
}

TEST_F(ManagerTest, LostLeadershipEndsTheRun) {
  fake_.edit(kube::config_maps(), {"ns", "a"}, [](Json&) {});
  run({.leader_election = election()});
  reconciler_.seen.wait();
  fake_.edit(kube::leases(), {"ns", "lease"},
             [](Json& lease) { lease["spec"]["holderIdentity"] = "usurper"; });
  clock_.await_timed_waiters(4);  // runnable, controller, renewal, renewal's deadline
  clock_.advance(2s);
  thread_.join();
  ASSERT_FALSE(result_);
  EXPECT_EQ(result_.error().code, Code::kAborted);
}

TEST_F(ManagerTest, StopReleasesTheLeaseLast) {
  fake_.edit(kube::config_maps(), {"ns", "a"}, [](Json&) {});
  run({.leader_election = election()});
  reconciler_.seen.wait();
  EXPECT_TRUE(stop());
  EXPECT_EQ(fake_.peek(kube::leases(), {"ns", "lease"})["spec"]["holderIdentity"], "");
}

TEST_F(ManagerTest, CachesThatDoNotFillEndTheRunWithTheReason) {
  fake_.set_fault([](const Call& call) -> std::optional<Error> {
    if (call.verb != "list") return std::nullopt;
    return Error{Code::kPermissionDenied, "configmaps is forbidden", "GET /x", Retry::backoff()};
  });
  run({.sync_timeout = 10s});
  clock_.await_timed_waiters(3);  // runnable, informer's back-off, sync time-out
  clock_.advance(10s);
  thread_.join();
  ASSERT_FALSE(result_);
  EXPECT_EQ(result_.error().code, Code::kDeadlineExceeded);
  EXPECT_NE(result_.error().message.find("configmaps (GET /x: configmaps is forbidden)"), std::string::npos)
      << result_.error().message;
}

TEST_F(ManagerTest, StopBeforeTheCachesFillIsClean) {
  fake_.set_fault([](const Call&) { return Error{Code::kUnavailable, "down", "", Retry::backoff()}; });
  run({});
  clock_.await_timed_waiters(3);
  EXPECT_TRUE(stop());
}

TEST(ThreadGroup, WhatDoesNotEndByTheDeadlineIsNamedAndLeftBehind) {
  static testing::FakeWaitClock clock;  // outlives the thread that is left behind
  static std::latch release(1);
  static std::latch ended(1);
  static auto* group = new ThreadGroup(clock);  // must not be destroyed once a thread is left behind
  group->spawn("quick", [](const std::stop_token&) {});
  group->spawn("stuck", [](const std::stop_token&) {
    release.wait();
    ended.count_down();
  });
  while (group->running() != "stuck") std::this_thread::yield();
  group->request_stop();
  std::jthread advance([] {
    clock.await_timed_waiters(1);
    clock.advance(5s);
  });
  EXPECT_FALSE(group->join_until(clock.now() + 5s));
  EXPECT_TRUE(group->abandoned());
  EXPECT_EQ(group->running(), "stuck");
  release.count_down();
  ended.wait();
}

}  // namespace
}  // namespace otlpipe::runtime
