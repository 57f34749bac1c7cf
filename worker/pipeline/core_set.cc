#include "worker/pipeline/core_set.h"

#include <algorithm>
#include <future>
#include <string>

#include <pthread.h>
#include <sched.h>

namespace otlpipe::worker::pipeline {
namespace {

constexpr std::chrono::seconds kBeat{1};

// Binds the calling thread to the n-th CPU that it may use.
void pin_to(std::size_t n) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed) || n-- > 0) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    pthread_setaffinity_np(pthread_self(), sizeof one, &one);
    return;
  }
}

}  // namespace

CoreSet::CoreSet(const CoreSetOptions& options, const MakeCore& make, const Clock& clock)
    : clock_(clock), on_beat_(options.on_beat) {
  for (std::size_t i = 0; i < options.cores; ++i) {
    cores_.push_back(std::make_unique<OneCore>());
    OneCore& core = *cores_.back();
    core.network = make();
    core.last_beat = clock_.now().time_since_epoch().count();
    core.network->loop().post([this, &core] { beat(core); });
    core.thread = std::thread([i, &core, pin = options.pin] {
      pthread_setname_np(pthread_self(), ("core-" + std::to_string(i)).c_str());
      if (pin) pin_to(i);
      core.network->run();
    });
  }
}

CoreSet::~CoreSet() {
  for (const auto& core : cores_) core->network->stop();
  for (const auto& core : cores_) core->thread.join();
}

void CoreSet::beat(OneCore& core) {
  core.last_beat.store(clock_.now().time_since_epoch().count(), std::memory_order_relaxed);
  if (on_beat_) on_beat_();
  core.network->loop().after(kBeat, [this, &core] { beat(core); });
}

void CoreSet::run_on(std::size_t core, const std::function<void()>& task) {
  std::promise<void> done;
  cores_[core]->network->loop().post([&] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

bool CoreSet::responsive(Duration age) const {
  const auto now = clock_.now();
  return std::all_of(cores_.begin(), cores_.end(), [&](const auto& core) {
    return now - MonotonicTime(Duration(core->last_beat.load(std::memory_order_relaxed))) <= age;
  });
}

}  // namespace otlpipe::worker::pipeline
