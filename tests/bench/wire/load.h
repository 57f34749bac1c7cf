#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "common/time/clock.h"
#include "tests/bench/wire/latencies.h"

namespace otlpipe::bench {

// What is to be sent and when, and what became of it; knows no network. Time comes in with every call.
// Without a rate the next request is there as soon as somebody can send it; with one, requests fall due by
// the clock and their latency counts from then on, so that a server that stands still is not spared. Not
// thread safe.
struct LoadPlan {
  std::uint64_t warmup = 0;    // answers that come before what is measured
  std::uint64_t requests = 0;  // answers that are measured; 0: as many as come in `length`
  Duration length{0};
  double rate = 0;  // requests a second; 0: as fast as it goes
  std::size_t bodies = 1;
  Duration retry_pause = std::chrono::milliseconds(20);
};

struct Job {
  std::size_t body = 0;
  MonotonicTime due;
};

enum class LoadPhase { kWarmup, kMeasuring, kDraining };

struct LoadResult {
  std::uint64_t measured = 0;      // answers while measuring
  std::uint64_t acknowledged = 0;  // in all
  std::uint64_t retries = 0;
  std::uint64_t failures = 0;
  std::string first_failure;
  Duration measured_for{0};
  Latencies latencies;
};

class Load {
 public:
  // `on_phase` hears of measuring and of its end, at that moment.
  Load(const LoadPlan& plan, MonotonicTime now, std::function<void(LoadPhase)> on_phase);

  // A request that may be sent now.
  std::optional<Job> next(MonotonicTime now);
  // Every job comes back by one of these.
  void acknowledged(const Job& job, MonotonicTime now);
  void again(const Job& job, MonotonicTime now);  // refused for now
  void failed(std::string_view why);
  void unsent(const Job& job);  // has never left: to be sent at once, not counted

  // Looks at the clock; to be called before next().
  void advance(MonotonicTime now);
  // How long until next() may have something that it does not have now; at most a second.
  Duration idle_for(MonotonicTime now) const;
  bool finished() const { return phase_ == LoadPhase::kDraining && under_way_ == 0 && waiting_.empty(); }
  void give_up(std::string_view why);
  std::uint64_t under_way() const { return under_way_; }
  const LoadResult& result() const { return result_; }

 private:
  struct Waiting {
    Job job;
    MonotonicTime not_before;
  };
  void enter(LoadPhase phase, MonotonicTime now);
  MonotonicTime due_at(std::uint64_t number) const;

  LoadPlan plan_;
  std::function<void(LoadPhase)> on_phase_;
  LoadPhase phase_ = LoadPhase::kWarmup;
  MonotonicTime started_;
  MonotonicTime measuring_since_;
  std::uint64_t issued_ = 0;
  std::uint64_t under_way_ = 0;
  std::deque<Waiting> waiting_;
  LoadResult result_;
};

}  // namespace otlpipe::bench
