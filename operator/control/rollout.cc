#include "operator/control/rollout.h"

#include <algorithm>

namespace otlpipe::control {
namespace {

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};

Duration retry_delay(int rejections, const RolloutOptions& options) {
  Duration delay = options.first_retry;
  for (int i = 1; i < rejections && delay < options.max_retry; ++i) {
    delay *= 2;
  }
  return std::min(delay, options.max_retry);
}

void start_over(RolloutState& state) {
  state.phase = RolloutPhase::kTrying;
  state.trial.clear();
  state.silent.clear();
  state.losses = 0;
  state.alone_since = {};
  state.problems.clear();
  state.rejected_by.clear();
  state.rejections = 0;
}

void accept(RolloutState& state) {
  start_over(state);
  state.phase = RolloutPhase::kAccepted;
}

void reject(RolloutState& state, std::string by, std::vector<Problem> problems, MonotonicTime now,
            const RolloutOptions& options) {
  state.phase = RolloutPhase::kRejected;
  state.trial.clear();
  state.silent.clear();
  state.losses = 0;
  state.alone_since = {};
  state.rejected_by = std::move(by);
  state.problems = std::move(problems);
  state.rejections += 1;
  state.retry_at = now + retry_delay(state.rejections, options);
}

void offer(RolloutState& state, const std::string& worker, const std::string& hash, MonotonicTime now,
           std::vector<Offer>& offers) {
  RolloutWorker& w = state.workers.at(worker);
  w.offered = hash;
  w.offered_at = now;
  offers.push_back({worker, hash});
}

// A worker may run what is wanted although nobody sent it: it started from a ConfigMap that an operator wrote
// just before it died.
bool somebody_runs_it(const RolloutState& state) {
  return std::ranges::any_of(state.workers,
                             [&](const auto& entry) { return entry.second.applied == state.wanted; });
}

bool nobody_to_ask(const RolloutState& state) {
  return std::ranges::all_of(state.workers,
                             [&](const auto& entry) { return state.left_alone.contains(entry.first); });
}

void ask_one(RolloutState& state, MonotonicTime now, std::vector<Offer>& offers) {
  const auto may_be_asked = [&](const auto& entry) {
    return !state.silent.contains(entry.first) && !state.left_alone.contains(entry.first);
  };
  auto candidate = std::ranges::find_if(state.workers, may_be_asked);
  if (candidate == state.workers.end()) {
    state.silent.clear();  // nobody answered: another round
    candidate = std::ranges::find_if(state.workers, may_be_asked);
  }
  if (candidate == state.workers.end()) {
    return;
  }
  state.trial = candidate->first;
  state.trial_since = now;
  offer(state, state.trial, state.wanted, now, offers);
}

void go_on_trying(RolloutState& state, MonotonicTime now, const RolloutOptions& options,
                  std::vector<Offer>& offers) {
  if (!state.trial.empty() && now - state.trial_since >= options.answer_timeout) {
    state.silent.insert(state.trial);
    state.trial.clear();
  }
  if (state.trial.empty()) {
    ask_one(state, now, offers);
  }
}

// Keeps every worker on `hash`, and offers it again from time to time to those that refused it.
void keep_all_on(const std::string& hash, RolloutState& state, MonotonicTime now,
                 const RolloutOptions& options, std::vector<Offer>& offers) {
  if (hash.empty()) {
    return;
  }
  for (auto& [id, worker] : state.workers) {
    if (worker.applied == hash || id == state.trial || state.left_alone.contains(id)) {
      continue;
    }
    const bool unanswered = worker.offered == hash && now - worker.offered_at < options.answer_timeout;
    const bool refused = worker.rejected == hash && now - worker.rejected_at < options.first_retry;
    if (!unanswered && !refused) {
      offer(state, id, hash, now, offers);
    }
  }
}

// Looks at the whole state, whatever happened, so that a lost event cannot leave it stuck.
void settle(RolloutState& state, MonotonicTime now, const RolloutOptions& options,
            std::vector<Offer>& offers) {
  if (state.wanted.empty() || state.paused) {
    return;
  }
  const bool undecided = state.phase != RolloutPhase::kAccepted;
  if (undecided && (state.wanted == state.stable || somebody_runs_it(state))) {
    accept(state);
  }
  if (state.phase == RolloutPhase::kTrying && nobody_to_ask(state) && !state.workers_expected) {
    // Only when a worker has just been lost over it does it pay to wait for the next one.
    if (state.losses == 0 || now - state.alone_since >= options.no_worker_patience) {
      accept(state);
    }
  }
  switch (state.phase) {
    case RolloutPhase::kIdle:
      break;
    case RolloutPhase::kTrying:
      go_on_trying(state, now, options, offers);
      break;
    case RolloutPhase::kAccepted:
      keep_all_on(state.wanted, state, now, options, offers);
      break;
    case RolloutPhase::kRejected:
      if (now >= state.retry_at && !nobody_to_ask(state)) {
        state.retry_at = now + retry_delay(state.rejections + 1, options);
        ask_one(state, now, offers);
      } else if (!state.trial.empty() && now - state.trial_since >= options.answer_timeout) {
        state.trial.clear();
      }
      keep_all_on(state.stable, state, now, options, offers);
      break;
  }
}

void answered(RolloutState& state, const WorkerAnswered& event, MonotonicTime now,
              const RolloutOptions& options) {
  const auto found = state.workers.find(event.worker);
  if (found == state.workers.end()) {
    return;
  }
  RolloutWorker& worker = found->second;
  if (worker.offered == event.hash) {
    worker.offered.clear();
  }
  if (event.accepted) {
    worker.applied = event.hash;
    worker.rejected.clear();
    worker.problems.clear();
  } else {
    worker.rejected = event.hash;
    worker.problems = event.problems;
    worker.rejected_at = now;
  }
  const bool about_wanted = event.hash == state.wanted && !state.wanted.empty();
  if (event.worker == state.trial && about_wanted) {
    state.trial.clear();
  }
  if (!about_wanted || state.phase == RolloutPhase::kAccepted) {
    return;
  }
  if (event.accepted) {
    accept(state);
  } else {
    reject(state, event.worker, event.problems, now, options);
  }
}

void left(RolloutState& state, const std::string& id, MonotonicTime now, const RolloutOptions& options) {
  if (state.workers.erase(id) == 0) {
    return;
  }
  state.silent.erase(id);
  if (nobody_to_ask(state)) {
    state.alone_since = now;
  }
  if (state.trial != id) {
    return;
  }
  state.trial.clear();
  state.losses += 1;
  if (state.losses >= options.max_losses) {
    const std::string count = std::to_string(state.losses);
    reject(state, "", {{"", count + " workers went away while they were applying it"}}, now, options);
  }
}

}  // namespace

std::string_view to_string(RolloutPhase phase) {
  switch (phase) {
    case RolloutPhase::kIdle:
      return "Idle";
    case RolloutPhase::kTrying:
      return "Trying";
    case RolloutPhase::kAccepted:
      return "Accepted";
    case RolloutPhase::kRejected:
      return "Rejected";
  }
  return "";
}

std::vector<Offer> step(RolloutState& state, const RolloutEvent& event, MonotonicTime now,
                        const RolloutOptions& options) {
  std::visit(Overloaded{
                 [&](const Want& want) {
                   if (want.wanted != state.wanted) {
                     start_over(state);
                   }
                   state.wanted = want.wanted;
                   state.stable = want.stable;
                   state.paused = want.paused;
                   state.left_alone = want.left_alone;
                   state.workers_expected = want.workers_expected;
                 },
                 [&](const WorkerJoined& joined) {
                   state.workers[joined.worker] = RolloutWorker{.applied = joined.applied};
                   if (state.phase == RolloutPhase::kRejected) {
                     // A new pod may have what the configuration lacked: a volume, a variable.
                     state.retry_at = std::min(state.retry_at, now + options.retry_after_join);
                   }
                 },
                 [&](const WorkerAnswered& answer) { answered(state, answer, now, options); },
                 [&](const WorkerLeft& gone) { left(state, gone.worker, now, options); },
                 [](const Tick&) {},
             },
             event);
  std::vector<Offer> offers;
  settle(state, now, options, offers);
  return offers;
}

std::optional<MonotonicTime> next_deadline(const RolloutState& state, const RolloutOptions& options) {
  std::optional<MonotonicTime> next;
  const auto at = [&](MonotonicTime time) { next = next ? std::min(*next, time) : time; };
  if (state.wanted.empty() || state.paused) {
    return next;
  }
  if (!state.trial.empty()) {
    at(state.trial_since + options.answer_timeout);
  }
  if (state.phase == RolloutPhase::kTrying && nobody_to_ask(state) && !state.workers_expected) {
    at(state.alone_since + options.no_worker_patience);
  }
  if (state.phase == RolloutPhase::kRejected && !nobody_to_ask(state)) {
    at(state.retry_at);
  }
  const std::string& kept = state.phase == RolloutPhase::kAccepted ? state.wanted : state.stable;
  for (const auto& [id, worker] : state.workers) {
    if (kept.empty() || worker.applied == kept || state.left_alone.contains(id)) {
      continue;
    }
    if (worker.offered == kept) {
      at(worker.offered_at + options.answer_timeout);
    } else if (worker.rejected == kept) {
      at(worker.rejected_at + options.first_retry);
    }
  }
  return next;
}

}  // namespace otlpipe::control
