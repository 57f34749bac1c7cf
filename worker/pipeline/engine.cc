#include "worker/pipeline/engine.h"

#include <atomic>
#include <optional>
#include <utility>

namespace otlpipe::worker::pipeline {

Engine::Engine(const CoreSetOptions& options, const CoreSet::MakeCore& make_core,
               const Components& components, PlanContext context, const Clock& clock, std::uint64_t seed)
    : components_(components),
      context_(std::move(context)),
      memory_(std::make_shared<AtomicMemoryBudget>(0)),
      cores_(options, make_core, clock) {
  context_.registry.gauge("otlpipe_memory_used_bytes", "Bytes of telemetry that are held", {}, memory_,
                          [m = memory_.get()] { return static_cast<double>(m->used()); });
  context_.registry.gauge("otlpipe_memory_budget_bytes", "Bytes of telemetry that may be held", {}, memory_,
                          [m = memory_.get()] { return static_cast<double>(m->limit()); });
  for (std::size_t i = 0; i < cores_.size(); ++i) {
    randoms_.push_back(std::make_unique<SeededRandom>(seed + i));
  }
  // All of them before the first batch: whoever hands over finds every other.
  runtimes_.resize(cores_.size());
  const auto board = std::make_shared<LoadBoard>(cores_.size());
  for (std::size_t i = 0; i < cores_.size(); ++i) {
    cores_.run_on(i, [&] {
      transport::Core& core = cores_.core(i);
      std::unique_ptr<HandOff> hand_off;
      if (cores_.size() > 1) {
        hand_off = std::make_unique<HandOff>(i, core.loop(), board, sender(),
                                             options.cpu_time ? options.cpu_time : thread_cpu_time);
      }
      runtimes_[i] =
          std::make_unique<CoreRuntime>(CoreContext{i, core, *randoms_[i]}, memory_, std::move(hand_off));
    });
  }
}

HandOff::Send Engine::sender() {
  return [this](std::size_t core, std::shared_ptr<HandedOff> handed) {
    cores_.core(core).loop().post([this, core, handed = std::move(handed)] {
      runtimes_[core]->take_over(std::move(*handed));  // there until nothing is handed over any more
    });
  };
}

Engine::~Engine() {
  const auto on_every_core = [this](const auto& task) {
    for (std::size_t i = 0; i < cores_.size(); ++i) cores_.run_on(i, [&] { task(i); });
  };
  // After this nothing is handed over any more, and what was is in some loop's queue ...
  on_every_core([this](std::size_t i) { runtimes_[i]->stop_hand_off(); });
  // ... where it comes before this. Whoever waits for an answer hears on another loop's queue that there is
  // none, ...
  on_every_core([this](std::size_t i) { runtimes_[i].reset(); });
  // ... which runs out here, while all loops are still there.
  on_every_core([](std::size_t) {});
}

Result<std::vector<OpenListener>> Engine::prepare_all(const std::shared_ptr<const Plan>& plan) {
  std::vector<OpenListener> bound;
  for (std::size_t i = 0; i < cores_.size(); ++i) {
    std::optional<Error> error;
    cores_.run_on(i, [&] {
      auto prepared = runtimes_[i]->prepare(plan, bound);
      if (!prepared) {
        error = std::move(prepared.error());
      } else if (i == 0) {
        bound = std::move(*prepared);
      }
    });
    if (!error) continue;
    for (std::size_t k = 0; k < i; ++k) cores_.run_on(k, [&] { runtimes_[k]->rollback(); });
    return fail(std::move(*error));
  }
  return bound;
}

Status Engine::apply(const v1alpha1::WorkerConfig& config) {
  const auto current = this->plan();
  auto plan = make_plan(config, components_, context_, current.get());
  if (!plan) return fail(std::move(plan.error()));
  auto listeners = prepare_all(*plan);
  if (!listeners) return fail(std::move(listeners.error()));
  memory_->set_limit((*plan)->memory_budget);
  for (std::size_t i = 0; i < cores_.size(); ++i) cores_.run_on(i, [&] { runtimes_[i]->commit(); });
  const std::lock_guard lock(mutex_);
  plan_ = std::move(*plan);
  listeners_ = std::move(*listeners);
  return {};
}

void Engine::drain(std::chrono::milliseconds grace, std::function<void()> done) {
  struct Countdown {
    std::atomic<std::size_t> left;
    std::function<void()> done;
  };
  const auto countdown = std::make_shared<Countdown>();
  countdown->left = cores_.size();
  countdown->done = std::move(done);
  for (std::size_t i = 0; i < cores_.size(); ++i) {
    cores_.core(i).loop().post([this, i, grace, countdown] {
      runtimes_[i]->drain(grace, [countdown] {
        if (countdown->left.fetch_sub(1) == 1) countdown->done();
      });
    });
  }
}

Abandoned Engine::abandon() {
  Abandoned total;
  for (std::size_t i = 0; i < cores_.size(); ++i) {
    cores_.run_on(i, [&] {
      const Abandoned some = runtimes_[i]->abandon();
      total.unacknowledged += some.unacknowledged;
      total.acknowledged += some.acknowledged;
    });
  }
  return total;
}

std::vector<OpenListener> Engine::listeners() const {
  const std::lock_guard lock(mutex_);
  return listeners_;
}

std::shared_ptr<const Plan> Engine::plan() const {
  const std::lock_guard lock(mutex_);
  return plan_;
}

}  // namespace otlpipe::worker::pipeline
