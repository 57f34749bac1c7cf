#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/time/clock.h"
#include "operator/api/field_problem.h"

namespace otlpipe::control {

// How a new configuration of one pipeline reaches its workers, as a state machine over values: no I/O, no
// time, no chance inside. One worker is offered the configuration first; what it accepts goes to all, what it
// rejects goes to nobody. Configurations are known here by their content hash alone.

// Something a worker does not accept, with the path in its configuration.
using Problem = api::FieldProblem;

struct RolloutOptions {
  Duration answer_timeout =
      std::chrono::seconds(10);  // of the worker that is asked first; then another one is
  Duration no_worker_patience = std::chrono::seconds(30);  // once one was lost while it was asked
  Duration first_retry = std::chrono::seconds(30);  // of what was rejected: the reason may have gone away
  Duration max_retry = std::chrono::minutes(10);
  Duration retry_after_join = std::chrono::seconds(1);
  int max_losses = 2;  // so many workers that vanish while they are asked count as a rejection
};

enum class RolloutPhase {
  kIdle,      // nothing is wanted yet
  kTrying,    // no worker has answered yet; everything stays on the stable configuration
  kAccepted,  // goes to every worker, and is the new stable one
  kRejected,  // everything stays on the stable one
};
std::string_view to_string(RolloutPhase phase);

struct RolloutWorker {
  std::string applied;       // the hash that it runs
  std::string offered = {};  // the last hash that was sent and not yet answered
  MonotonicTime offered_at = {};
  std::string rejected = {};           // the last hash that it refused
  std::vector<Problem> problems = {};  // why
  MonotonicTime rejected_at = {};
};

struct RolloutState {
  std::string wanted;
  std::string stable;  // what pods start from; empty: nothing yet
  bool paused = false;
  std::set<std::string> left_alone;
  bool workers_expected = false;
  RolloutPhase phase = RolloutPhase::kIdle;
  std::map<std::string, RolloutWorker> workers;  // by session id

  std::string trial;  // the worker that is asked; empty: none
  MonotonicTime trial_since = {};
  std::set<std::string> silent;    // asked before, without an answer
  int losses = 0;                  // workers that vanished while they were asked
  MonotonicTime alone_since = {};  // when the last worker went, while something is tried

  std::vector<Problem> problems;  // of the rejection
  std::string rejected_by;        // session id of who rejected; empty when workers were lost
  int rejections = 0;             // in a row, for the retry's back-off
  MonotonicTime retry_at = {};
};

// --- what happened ---
struct Want {
  std::string wanted;
  std::string stable;
  bool paused = false;  // nothing is sent
  // Workers that get nothing, because they are about to be replaced by others for which the configuration is
  // meant (another memory limit, another metrics port).
  std::set<std::string> left_alone = {};
  // Workers run that have not connected yet, as after a restart of the operator: their word is waited for.
  bool workers_expected = false;
};
struct WorkerJoined {
  std::string worker;
  std::string applied;
};
struct WorkerAnswered {
  std::string worker;
  std::string hash;
  bool accepted = false;
  std::vector<Problem> problems = {};
};
struct WorkerLeft {
  std::string worker;
};
struct Tick {};  // time has passed
using RolloutEvent = std::variant<Want, WorkerJoined, WorkerAnswered, WorkerLeft, Tick>;

// --- what to do ---
struct Offer {
  std::string worker;
  std::string hash;  // `wanted` or `stable`
  bool operator==(const Offer&) const = default;
};

// Brings the state up to date and says what to send. Idempotent: the same event again sends nothing new.
std::vector<Offer> step(RolloutState& state, const RolloutEvent& event, MonotonicTime now,
                        const RolloutOptions& options);

// When a Tick could change something; nothing: never.
std::optional<MonotonicTime> next_deadline(const RolloutState& state, const RolloutOptions& options);

}  // namespace otlpipe::control
