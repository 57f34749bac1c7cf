#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "worker/pipeline/core_runtime.h"
#include "worker/pipeline/core_set.h"
#include "worker/pipeline/memory_budget.h"

namespace otlpipe::worker::pipeline {

// All cores of the worker as one: runs a configuration, replaces it by another, drains. `apply`, `drain` and
// `abandon` are called from one thread, which is not a core's; the rest is thread safe.
class Engine {
 public:
  // `components` and `context` must outlive it. `seed`: of the cores' random numbers.
  Engine(const CoreSetOptions& options, const CoreSet::MakeCore& make_core, const Components& components,
         PlanContext context, const Clock& clock, std::uint64_t seed);
  ~Engine();  // at once; see drain

  // Runs `config` from now on, on all cores, or says why the previous one still runs. `config` has passed the
  // schema. The error's `where` is the field's path; a port that cannot be had is kUnavailable.
  Status apply(const v1alpha1::WorkerConfig& config);

  // Stops taking requests in and delivers what is held; `done` is called once, on a core's thread, when
  // nothing is left.
  void drain(std::chrono::milliseconds grace, std::function<void()> done);
  // Gives up what drain has left so far.
  Abandoned abandon();

  std::vector<OpenListener> listeners() const;
  // nullptr before the first success of apply.
  std::shared_ptr<const Plan> plan() const;
  bool responsive(Duration age) const { return cores_.responsive(age); }
  const AtomicMemoryBudget& memory() const { return *memory_; }

 private:
  HandOff::Send sender();
  Result<std::vector<OpenListener>> prepare_all(const std::shared_ptr<const Plan>& plan);

  const Components& components_;
  PlanContext context_;
  std::shared_ptr<AtomicMemoryBudget> memory_;
  CoreSet cores_;
  std::vector<std::unique_ptr<SeededRandom>> randoms_;
  std::vector<std::unique_ptr<CoreRuntime>> runtimes_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Plan> plan_;
  std::vector<OpenListener> listeners_;
};

}  // namespace otlpipe::worker::pipeline
