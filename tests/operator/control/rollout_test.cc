#include "operator/control/rollout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace otlpipe::control {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// The machine with a clock of its own.
struct Machine {
  RolloutState state;
  RolloutOptions options;
  MonotonicTime now{std::chrono::hours(1)};

  std::vector<Offer> operator()(const RolloutEvent& event) { return step(state, event, now, options); }
  // Workers a, b, … that run `hash`, with that hash as the stable and wanted one.
  void start_with(const std::vector<std::string>& workers, const std::string& hash) {
    (*this)(Want{hash, hash});
    for (const std::string& worker : workers) {
      (*this)(WorkerJoined{worker, hash});
    }
  }
};

TEST(Rollout, WithoutWorkersTheConfigurationIsAcceptedAtOnce) {
  Machine machine;
  EXPECT_THAT(machine(Want{"new", ""}), IsEmpty());
  EXPECT_EQ(machine.state.phase, RolloutPhase::kAccepted);
}

TEST(Rollout, WorkersThatRunButHaveNotConnectedYetAreWaitedFor) {
  Machine machine;
  EXPECT_THAT(machine(Want{.wanted = "new", .stable = "old", .workers_expected = true}), IsEmpty());
  EXPECT_EQ(machine.state.phase, RolloutPhase::kTrying);
  EXPECT_THAT(machine(WorkerJoined{"a", "old"}), ElementsAre(Offer{"a", "new"}));
  machine(WorkerAnswered{"a", "new", false});
  EXPECT_EQ(machine.state.phase, RolloutPhase::kRejected);
}

TEST(Rollout, WorkersThatAreExpectedNoLongerDoNotHoldUpAConfiguration) {
  Machine machine;
  machine(Want{.wanted = "new", .stable = "old", .workers_expected = true});
  EXPECT_THAT(machine(Want{.wanted = "new", .stable = "old"}), IsEmpty());
  EXPECT_EQ(machine.state.phase, RolloutPhase::kAccepted);
}

TEST(Rollout, NewConfigurationGoesToOneWorkerAndAfterItsAcceptanceToAll) {
  Machine machine;
  machine.start_with({"a", "b", "c"}, "old");
  EXPECT_THAT(machine(Want{"new", "old"}), ElementsAre(Offer{"a", "new"}));
  EXPECT_EQ(machine.state.phase, RolloutPhase::kTrying);
  EXPECT_THAT(machine(WorkerAnswered{"a", "new", true}),
              UnorderedElementsAre(Offer{"b", "new"}, Offer{"c", "new"}));
  EXPECT_EQ(machine.state.phase, RolloutPhase::kAccepted);
  EXPECT_THAT(machine(WorkerAnswered{"b", "new", true}), IsEmpty());
  EXPECT_THAT(machine(Tick{}), IsEmpty());
}

TEST(Rollout, RejectedConfigurationReachesNobodyElse) {
  Machine machine;
  machine.start_with({"a", "b"}, "old");
  machine(Want{"bad", "old"});
  EXPECT_THAT(machine(WorkerAnswered{"a", "bad", false, {{"exporters[0].file.path", "cannot be opened"}}}),
              IsEmpty());
  EXPECT_EQ(machine.state.phase, RolloutPhase::kRejected);
  EXPECT_EQ(machine.state.rejected_by, "a");
  EXPECT_THAT(machine.state.problems, ElementsAre(Problem{"exporters[0].file.path", "cannot be opened"}));
  EXPECT_THAT(machine(Want{"bad", "old"}), IsEmpty());
}

TEST(Rollout, GoingBackAfterARejectionIsAcceptedAtOnce) {
  Machine machine;
  machine.start_with({"a"}, "old");
  machine(Want{"bad", "old"});
  machine(WorkerAnswered{"a", "bad", false});
  EXPECT_THAT(machine(Want{"old", "old"}), IsEmpty());
  EXPECT_EQ(machine.state.phase, RolloutPhase::kAccepted);
  EXPECT_TRUE(machine.state.problems.empty());
}

TEST(Rollout, WhileRejectedWorkersThatRunSomethingElseAreSentBackToTheStableOne) {
  Machine machine;
  machine.start_with({"a"}, "old");
  machine(Want{"bad", "old"});
  machine(WorkerAnswered{"a", "bad", false});
  EXPECT_THAT(machine(WorkerJoined{"b", "ancient"}), ElementsAre(Offer{"b", "old"}));
}

TEST(Rollout, RejectedConfigurationIsTriedAgainAfterAWhileWithOneWorker) {
  Machine machine;
  machine.start_with({"a", "b"}, "old");
  machine(Want{"bad", "old"});
  machine(WorkerAnswered{"a", "bad", false});
  machine.now += machine.options.first_retry - seconds(1);
  EXPECT_THAT(machine(Tick{}), IsEmpty());
  machine.now += seconds(1);
  EXPECT_THAT(machine(Tick{}), ElementsAre(Offer{"a", "bad"}));
  EXPECT_EQ(machine.state.phase, RolloutPhase::kRejected) << "until it is accepted it counts as rejected";
  EXPECT_THAT(machine(WorkerAnswered{"a", "bad", true}), ElementsAre(Offer{"b", "bad"}));
  EXPECT_EQ(machine.state.phase, RolloutPhase::kAccepted);
}

TEST(Rollout, RetriesOfARejectedConfigurationBecomeRarer) {
  Machine machine;
  machine.start_with({"a"}, "old");
  machine(Want{"bad", "old"});
  machine(WorkerAnswered{"a", "bad", false});
  const Duration first = machine.state.retry_at - machine.now;
  machine.now = machine.state.retry_at;
  machine(Tick{});
  machine(WorkerAnswered{"a", "bad", false});
  EXPECT_EQ(machine.state.retry_at - machine.now, first * 2);
}

TEST(Rollout, NewPodAfterARejectionIsAskedSoon) {
  Machine machine;
  machine.start_with({"a"}, "old");
  machine(Want{"bad", "old"});
  machine(WorkerAnswered{"a", "bad", false});
  machine(WorkerJoined{"b", "old"});
  machine.now += machine.options.retry_after_join;
  EXPECT_EQ(machine(Tick{}).size(), 1U);
}

TEST(Rollout, WorkerThatDoesNotAnswerIsPassedOver) {
  Machine machine;
  machine.start_with({"a", "b"}, "old");
  machine(Want{"new", "old"});
  machine.now += machine.options.answer_timeout;
  EXPECT_THAT(machine(Tick{}), ElementsAre(Offer{"b", "new"}));
  machine.now += machine.options.answer_timeout;
  EXPECT_THAT(machine(Tick{}), ElementsAre(Offer{"a", "new"})) << "another round";
}

TEST(Rollout, AnswerThatComesLateStillCounts) {
  Machine machine;
  machine.start_with({"a", "b"}, "old");
  machine(Want{"new", "old"});
  machine.now += machine.options.answer_timeout;
  machine(Tick{});
  machine(WorkerAnswered{"a", "new", true});
  EXPECT_EQ(machine.state.phase, RolloutPhase::kAccepted);
}

TEST(Rollout, ConfigurationThatKillsWorkersIsRejectedBeforeItKillsThemAll) {
  Machine machine;
  machine.start_with({"a", "b", "c"}, "old");
  machine(Want{"killer", "old"});
  EXPECT_THAT(machine(WorkerLeft{"a"}), ElementsAre(Offer{"b", "killer"}));
  EXPECT_THAT(machine(WorkerLeft{"b"}), IsEmpty());
  EXPECT_EQ(machine.state.phase, RolloutPhase::kRejected);
}

TEST(Rollout, LastWorkerLostWhileAskedIsWaitedForBeforeTheConfigurationIsAccepted) {
  Machine machine;
  machine.start_with({"a"}, "old");
  machine(Want{"new", "old"});
  machine(WorkerLeft{"a"});
  EXPECT_EQ(machine.state.phase, RolloutPhase::kTrying);
  machine.now += machine.options.no_worker_patience;
  machine(Tick{});
  EXPECT_EQ(machine.state.phase, RolloutPhase::kAccepted);
}

TEST(Rollout, WorkerThatAlreadyRunsTheWantedConfigurationCountsAsAcceptance) {
  Machine machine;
  machine(WorkerJoined{"a", "old"});
  machine(WorkerJoined{"b", "new"});
  EXPECT_THAT(machine(Want{"new", "old"}), ElementsAre(Offer{"a", "new"}));
  EXPECT_EQ(machine.state.phase, RolloutPhase::kAccepted);
}

TEST(Rollout, WorkersThatReconnectToANewOperatorAreBroughtUpToDate) {
  Machine machine;
  machine(Want{"new", "new"});
  EXPECT_THAT(machine(WorkerJoined{"a", "old"}), ElementsAre(Offer{"a", "new"}));
  EXPECT_THAT(machine(WorkerJoined{"b", "new"}), IsEmpty());
}

TEST(Rollout, NewerWishReplacesOneThatIsStillTried) {
  Machine machine;
  machine.start_with({"a", "b"}, "old");
  machine(Want{"one", "old"});
  EXPECT_THAT(machine(Want{"two", "old"}), ElementsAre(Offer{"a", "two"}));
  EXPECT_THAT(machine(WorkerAnswered{"a", "one", true}), IsEmpty())
      << "an answer about what is not wanted any more";
  EXPECT_EQ(machine.state.phase, RolloutPhase::kTrying);
  EXPECT_THAT(machine(WorkerAnswered{"a", "two", true}), ElementsAre(Offer{"b", "two"}));
}

TEST(Rollout, WorkerThatRejectsWhatOthersAcceptedStaysAndIsAskedAgainLater) {
  Machine machine;
  machine.start_with({"a", "b"}, "old");
  machine(Want{"new", "old"});
  machine(WorkerAnswered{"a", "new", true});
  EXPECT_THAT(machine(WorkerAnswered{"b", "new", false, {{"x", "y"}}}), IsEmpty());
  EXPECT_EQ(machine.state.phase, RolloutPhase::kAccepted);
  machine.now += machine.options.first_retry;
  EXPECT_THAT(machine(Tick{}), ElementsAre(Offer{"b", "new"}));
}

TEST(Rollout, NothingIsSentWhilePaused) {
  Machine machine;
  machine.start_with({"a"}, "old");
  EXPECT_THAT(machine(Want{"new", "old", true}), IsEmpty());
  EXPECT_THAT(machine(WorkerJoined{"b", "ancient"}), IsEmpty());
  EXPECT_THAT(machine(Want{"new", "old", false}), ElementsAre(Offer{"a", "new"}));
}

TEST(Rollout, WorkersThatAreAboutToBeReplacedAreLeftAlone) {
  Machine machine;
  machine.start_with({"a", "b"}, "old");
  EXPECT_THAT(machine(Want{"new", "old", false, {"a", "b"}}), IsEmpty());
  EXPECT_EQ(machine.state.phase, RolloutPhase::kAccepted) << "there is nobody to ask";
  EXPECT_THAT(machine(WorkerJoined{"c", "new"}), IsEmpty());
}

TEST(Rollout, DeadlineIsThatOfTheNextThingThatTimeAloneCanChange) {
  Machine machine;
  machine.start_with({"a"}, "old");
  EXPECT_FALSE(next_deadline(machine.state, machine.options));
  machine(Want{"new", "old"});
  EXPECT_EQ(next_deadline(machine.state, machine.options), machine.now + machine.options.answer_timeout);
  machine(WorkerAnswered{"a", "new", false});
  EXPECT_EQ(next_deadline(machine.state, machine.options), machine.now + machine.options.first_retry);
}

TEST(Rollout, EventsOfUnknownWorkersChangeNothing) {
  Machine machine;
  machine.start_with({"a"}, "old");
  EXPECT_THAT(machine(WorkerLeft{"nobody"}), IsEmpty());
  EXPECT_THAT(machine(WorkerAnswered{"nobody", "old", false}), IsEmpty());
  EXPECT_EQ(machine.state.phase, RolloutPhase::kAccepted);
}

}  // namespace
}  // namespace otlpipe::control
