#include "tests/bench/wire/load.h"

#include <algorithm>

namespace otlpipe::bench {

Load::Load(const LoadPlan& plan, MonotonicTime now, std::function<void(LoadPhase)> on_phase)
    : plan_(plan), on_phase_(std::move(on_phase)), started_(now) {
  if (plan_.warmup == 0) enter(LoadPhase::kMeasuring, now);
}

MonotonicTime Load::due_at(std::uint64_t number) const {
  return started_ + std::chrono::duration_cast<Duration>(
                        std::chrono::duration<double>(static_cast<double>(number) / plan_.rate));
}

std::optional<Job> Load::next(MonotonicTime now) {
  if (!waiting_.empty() && waiting_.front().not_before <= now) {
    const Job job = waiting_.front().job;
    waiting_.pop_front();
    ++under_way_;
    return job;
  }
  if (phase_ == LoadPhase::kDraining) return std::nullopt;
  // A count is a promise: no request more than that.
  if (plan_.requests > 0 && issued_ >= plan_.warmup + plan_.requests) return std::nullopt;
  MonotonicTime due = now;
  if (plan_.rate > 0) {
    due = due_at(issued_);
    if (due > now) return std::nullopt;
  }
  ++under_way_;
  return Job{static_cast<std::size_t>(issued_++ % plan_.bodies), due};
}

void Load::acknowledged(const Job& job, MonotonicTime now) {
  --under_way_;
  ++result_.acknowledged;
  if (phase_ == LoadPhase::kMeasuring) {
    ++result_.measured;
    result_.latencies.add((now - job.due).count());
    if (plan_.requests > 0 && result_.measured >= plan_.requests) enter(LoadPhase::kDraining, now);
  } else if (phase_ == LoadPhase::kWarmup && result_.acknowledged >= plan_.warmup) {
    enter(LoadPhase::kMeasuring, now);
  }
}

void Load::again(const Job& job, MonotonicTime now) {
  --under_way_;
  ++result_.retries;
  waiting_.push_back({job, now + plan_.retry_pause});
}

void Load::failed(std::string_view why) {
  --under_way_;
  if (result_.failures++ == 0) result_.first_failure = why;
}

void Load::unsent(const Job& job) {
  --under_way_;
  waiting_.push_front({job, MonotonicTime{}});
}

void Load::advance(MonotonicTime now) {
  if (phase_ == LoadPhase::kMeasuring && plan_.requests == 0 && now - measuring_since_ >= plan_.length) {
    enter(LoadPhase::kDraining, now);
  }
}

Duration Load::idle_for(MonotonicTime now) const {
  Duration out = std::chrono::seconds(1);
  if (!waiting_.empty()) out = std::min(out, waiting_.front().not_before - now);
  if (phase_ == LoadPhase::kDraining) return std::max(out, Duration(0));
  if (plan_.rate > 0) out = std::min(out, due_at(issued_) - now);
  if (phase_ == LoadPhase::kMeasuring && plan_.requests == 0) {
    out = std::min(out, measuring_since_ + plan_.length - now);
  }
  return std::max(out, Duration(0));
}

void Load::give_up(std::string_view why) {
  waiting_.clear();
  if (result_.failures == 0) result_.first_failure = why;
  result_.failures += std::max<std::uint64_t>(under_way_, 1);
  under_way_ = 0;
  phase_ = LoadPhase::kDraining;
}

void Load::enter(LoadPhase phase, MonotonicTime now) {
  phase_ = phase;
  if (phase == LoadPhase::kMeasuring) {
    measuring_since_ = now;
  } else {
    result_.measured_for = now - measuring_since_;
  }
  on_phase_(phase);
}

}  // namespace otlpipe::bench
