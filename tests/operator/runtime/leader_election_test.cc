#include "operator/runtime/leader_election.h"

#include <latch>
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

const kube::ObjectKey kLease{"ns", "lease"};

LeaderElectionOptions options_for(const std::string& identity) {
  return {.lease = kLease, .identity = identity};
}

Json lease(const std::string& holder, const std::string& renewed, int duration = 15) {
  return {{"metadata", {{"name", "lease"}, {"namespace", "ns"}}},
          {"spec",
           {{"holderIdentity", holder},
            {"renewTime", renewed},
            {"leaseDurationSeconds", duration},
            {"leaseTransitions", 4}}}};
}

class LeaseDecisionTest : public ::testing::Test {
 protected:
  template <typename Decision>
  bool decides(const Json* object, Duration at) {
    return std::holds_alternative<Decision>(decide_lease(object, view_, options_for("me"), start_ + at));
  }
  MonotonicTime start_{1h};
  LeaseView view_;
};

TEST_F(LeaseDecisionTest, MissingLeaseIsCreatedAndAReleasedOneTaken) {
  EXPECT_TRUE(decides<CreateLease>(nullptr, 0s));
  const Json released = lease("", "t0");
  EXPECT_TRUE(decides<TakeLease>(&released, 0s));
}

TEST_F(LeaseDecisionTest, OwnLeaseIsRenewed) {
  const Json mine = lease("me", "t0");
  EXPECT_TRUE(decides<RenewLease>(&mine, 100s));
}

TEST_F(LeaseDecisionTest, ForeignLeaseIsTakenOnlyAfterAWholeDurationWithoutRenewalAsSeenFromHere) {
  const Json first = lease("other", "t0");
  EXPECT_TRUE(decides<LeaveLease>(&first, 0s)) << "however old its time stamp looks";
  EXPECT_TRUE(decides<LeaveLease>(&first, 14s));
  const Json renewed = lease("other", "t1");
  EXPECT_TRUE(decides<LeaveLease>(&renewed, 14s));
  EXPECT_TRUE(decides<LeaveLease>(&renewed, 28s));
  EXPECT_TRUE(decides<TakeLease>(&renewed, 29s));
}

TEST_F(LeaseDecisionTest, HoldersPromisedDurationCounts) {
  const Json longer = lease("other", "t0", 60);
  EXPECT_TRUE(decides<LeaveLease>(&longer, 0s));
  EXPECT_TRUE(decides<LeaveLease>(&longer, 59s));
  EXPECT_TRUE(decides<TakeLease>(&longer, 60s));
}

TEST_F(LeaseDecisionTest, SenselessDurationCountsAsTheUsualOne) {
  for (const int duration : {0, -5, 2000000000}) {
    view_ = {};
    const Json odd = lease("other", "t0", duration);
    EXPECT_TRUE(decides<LeaveLease>(&odd, 0s));
    EXPECT_TRUE(decides<TakeLease>(&odd, 15s)) << duration;
  }
}

TEST_F(LeaseDecisionTest, TakingOverCountsATransitionAndRenewingDoesNot) {
  const Json other = lease("other", "t0");
  const WallTime now{};
  const Json taken = lease_object(&other, TakeLease{}, options_for("me"), now);
  EXPECT_EQ(taken["spec"]["leaseTransitions"], 5);
  EXPECT_EQ(taken["spec"]["holderIdentity"], "me");
  const Json renewed = lease_object(&taken, RenewLease{}, options_for("me"), now + 2s);
  EXPECT_EQ(renewed["spec"]["leaseTransitions"], 5);
  EXPECT_EQ(renewed["spec"]["acquireTime"], taken["spec"]["acquireTime"]);
  EXPECT_NE(renewed["spec"]["renewTime"], taken["spec"]["renewTime"]);
}

// A candidate on its own thread.
class Candidate {
 public:
  Candidate(const std::string& identity, FakeClient& fake, WaitClock& clock, Random& random)
      : election_(options_for(identity), fake, clock, random, Logger()),
        thread_([this](const std::stop_token& stop) {
          result_ = election_.run({[this] { started_.count_down(); }, [this] { lost_.count_down(); }}, stop);
        }) {}
  void await_leading() { started_.wait(); }
  void await_lost() { lost_.wait(); }
  bool leads() const { return election_.is_leader(); }
  Status stop() {
    thread_.request_stop();
    thread_.join();
    return result_;
  }

 private:
  std::latch started_{1};
  std::latch lost_{1};
  LeaderElection election_;
  Status result_;
  std::jthread thread_;
};

class LeaderElectionTest : public ::testing::Test {
 protected:
  std::string holder() { return fake_.peek(kube::leases(), kLease)["spec"]["holderIdentity"]; }

  FakeClient fake_;
  testing::FakeWaitClock clock_;
  SeededRandom random_{9};
};

TEST_F(LeaderElectionTest, FirstCandidateLeadsAndReleasesTheLeaseWhenStopped) {
  Candidate a("a", fake_, clock_, random_);
  a.await_leading();
  EXPECT_TRUE(a.leads());
  EXPECT_EQ(holder(), "a");
  EXPECT_TRUE(a.stop());
  EXPECT_EQ(holder(), "");
  EXPECT_FALSE(a.leads());
}

TEST_F(LeaderElectionTest, SecondCandidateTakesOverRightAfterARelease) {
  Candidate a("a", fake_, clock_, random_);
  a.await_leading();
  Candidate b("b", fake_, clock_, random_);
  clock_.await_timed_waiters(3);  // the leader's renewal and deadline, and the candidate's next try
  EXPECT_FALSE(b.leads());
  EXPECT_TRUE(a.stop());
  clock_.advance(3s);
  b.await_leading();
  EXPECT_EQ(holder(), "b");
  b.stop();
}

TEST_F(LeaderElectionTest, LeaderRenewsAndStays) {
  Candidate a("a", fake_, clock_, random_);
  a.await_leading();
  for (int i = 0; i < 20; ++i) {
    clock_.await_timed_waiters(2);
    clock_.advance(2s);
  }
  clock_.await_timed_waiters(2);
  EXPECT_TRUE(a.leads());
  EXPECT_TRUE(a.stop());
}

TEST_F(LeaderElectionTest, LeaderThatCannotRenewStepsDownBeforeAnybodyElseMayLead) {
  Candidate a("a", fake_, clock_, random_);
  a.await_leading();
  clock_.await_timed_waiters(2);
  fake_.set_fault([](const Call&) { return Error{Code::kUnavailable, "down", "", Retry::backoff()}; });
  for (int i = 0; i < 4; ++i) {
    clock_.advance(2s);
    clock_.await_timed_waiters(2);
    EXPECT_TRUE(a.leads());
  }
  clock_.advance(2s);  // ten seconds since the last renewal, five before the lease ends
  a.await_lost();
  EXPECT_FALSE(a.leads());
  const Status result = a.stop();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::kAborted);
}

TEST_F(LeaderElectionTest, RequestThatHangsDoesNotKeepALeaderInOffice) {
  Candidate a("a", fake_, clock_, random_);
  a.await_leading();
  clock_.await_timed_waiters(2);
  std::latch release(1);
  std::latch hanging(1);
  fake_.set_fault([&](const Call& call) -> std::optional<Error> {
    if (call.verb == "get") {
      hanging.count_down();
      release.wait();
    }
    return std::nullopt;
  });
  clock_.advance(2s);
  hanging.wait();
  fake_.set_fault(nullptr);
  clock_.advance(8s);
  a.await_lost();
  EXPECT_FALSE(a.leads());
  release.count_down();
  EXPECT_FALSE(a.stop());
}

TEST_F(LeaderElectionTest, LeaseTakenByForceEndsTheLeadershipAtTheNextLook) {
  Candidate a("a", fake_, clock_, random_);
  a.await_leading();
  clock_.await_timed_waiters(2);
  fake_.edit(kube::leases(), kLease, [](Json& object) { object["spec"]["holderIdentity"] = "usurper"; });
  clock_.advance(2s);
  a.await_lost();
  EXPECT_FALSE(a.stop());
  EXPECT_EQ(holder(), "usurper") << "it must not be released for somebody else";
}

TEST_F(LeaderElectionTest, DeadLeadersLeaseIsTakenWhenItHasRunOut) {
  fake_.edit(kube::leases(), kLease, [](Json& object) { object["spec"] = lease("dead", "t0")["spec"]; });
  Candidate b("b", fake_, clock_, random_);
  // It looks every 2 to 2.4 seconds, so three of them always bring one look.
  for (Duration passed{0}; passed <= 12s; passed += 3s) {
    clock_.await_timed_waiters(1);
    EXPECT_FALSE(b.leads());
    clock_.advance(3s);
  }
  clock_.await_timed_waiters(1);
  b.await_leading();
  EXPECT_EQ(holder(), "b");
  b.stop();
}

}  // namespace
}  // namespace otlpipe::runtime
