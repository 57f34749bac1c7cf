#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "common/time/clock.h"
#include "worker/transport/transport.h"

namespace otlpipe::worker::pipeline {

struct CoreSetOptions {
  std::size_t cores = 1;
  // Each thread on a CPU of its own. Sensible only when the process has as many CPUs to itself as it has
  // cores: with a CPU quota on a shared machine every container would pin itself to the same first CPUs.
  bool pin = false;
  // How much CPU time the calling core has used; tells which cores are busy. Empty: what the kernel counts.
  std::function<Duration()> cpu_time = {};
  // Called by every core on its own thread, at the start and once a second. May be empty.
  std::function<void()> on_beat = {};
};

// The threads of the process that carry data, each with its loop. Thread safe, except construction and
// destruction.
class CoreSet {
 public:
  using MakeCore = std::function<std::unique_ptr<transport::Core>()>;

  // Starts the threads. `clock` must outlive it.
  CoreSet(const CoreSetOptions& options, const MakeCore& make, const Clock& clock);
  // Stops them. What lives on the loops must be gone.
  ~CoreSet();
  CoreSet(const CoreSet&) = delete;
  CoreSet& operator=(const CoreSet&) = delete;

  std::size_t size() const { return cores_.size(); }
  transport::Core& core(std::size_t index) { return *cores_[index]->network; }

  // Runs `task` on the core's loop and waits for it. Not to be called from a loop.
  void run_on(std::size_t core, const std::function<void()>& task);

  // Whether every loop has shown itself within `age`. They do so every second.
  bool responsive(Duration age) const;

 private:
  struct OneCore {
    std::unique_ptr<transport::Core> network;
    std::atomic<MonotonicTime::rep> last_beat{0};
    std::thread thread;
  };
  void beat(OneCore& core);

  const Clock& clock_;
  const std::function<void()> on_beat_;
  std::vector<std::unique_ptr<OneCore>> cores_;
};

}  // namespace otlpipe::worker::pipeline
