#pragma once

// Work of a busy core on a core that has time. SO_REUSEPORT gives a connection to one core for good, so a few
// hot connections may fill one core while the next sleeps; then whole batches, received and checked, go on
// there.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "worker/pipeline/component.h"
#include "worker/pipeline/load_share.h"

namespace otlpipe::worker::pipeline {

// How busy each core is, 0 to 1. Written by each core for itself; thread safe.
class LoadBoard {
 public:
  explicit LoadBoard(std::size_t cores) : cores_(cores) {}
  void set(std::size_t core, double busy, MonotonicTime now) {
    cores_[core].busy.store(busy, std::memory_order_relaxed);
    cores_[core].at.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  }
  // 1 for a core that has not said anything for a while: it is blocked, and would look idle.
  double busy(std::size_t core, MonotonicTime now) const;
  // The least busy of the others. Needs two cores or more.
  std::size_t quietest_other(std::size_t core, MonotonicTime now) const;

 private:
  struct alignas(64) Core {
    std::atomic<double> busy{0};
    std::atomic<MonotonicTime::rep> at{0};
  };
  std::vector<Core> cores_;
};

// A batch on its way to another core, for what `receiver` sends its data to there.
struct HandedOff {
  std::string receiver;
  data::Batch batch;
};

// The CPU time of the calling thread since it began.
Duration thread_cpu_time();

// Measures how busy one core is and decides what it gives away. Lives on its loop, and is destroyed there.
class HandOff {
 public:
  // How often the measure is taken and the share adjusted.
  static constexpr std::chrono::milliseconds kBeat{100};
  // Brings the batch to another core. Thread safe.
  using Send = std::function<void(std::size_t core, std::shared_ptr<HandedOff>)>;
  using CpuTime = std::function<Duration()>;

  HandOff(std::size_t core, EventLoop& home, std::shared_ptr<LoadBoard> board, Send send,
          CpuTime cpu_time = thread_cpu_time);
  ~HandOff() { home_.cancel(timer_); }
  HandOff(const HandOff&) = delete;
  HandOff& operator=(const HandOff&) = delete;

  // Hands the batch to another core and is true, or leaves it alone.
  bool take(const std::string& receiver, data::Batch& batch);
  // From now on everything stays here.
  void stop() { stopped_ = true; }

 private:
  void wait_for_beat();
  void beat();

  const std::size_t core_;
  EventLoop& home_;
  const std::shared_ptr<LoadBoard> board_;
  const Send send_;
  const CpuTime cpu_time_;
  Duration cpu_before_;
  MonotonicTime beat_before_;
  EventLoop::TimerId timer_ = EventLoop::kNoTimer;
  LoadShare share_;
  std::size_t to_ = 0;
  bool stopped_ = false;
};

// What stands between a receiver and its pipelines where there is more than one core. `hand_off` and `next`
// outlive it.
class HandOffConsumer final : public Consumer {
 public:
  HandOffConsumer(HandOff& hand_off, std::string receiver, Consumer& next)
      : hand_off_(hand_off), receiver_(std::move(receiver)), next_(next) {}
  void consume(data::Batch batch) override {
    if (!hand_off_.take(receiver_, batch)) next_.consume(std::move(batch));
  }

 private:
  HandOff& hand_off_;
  const std::string receiver_;
  Consumer& next_;
};

}  // namespace otlpipe::worker::pipeline
