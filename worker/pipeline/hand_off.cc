#include "worker/pipeline/hand_off.h"

#include <algorithm>
#include <ctime>
#include <utility>

namespace otlpipe::worker::pipeline {

double LoadBoard::busy(std::size_t core, MonotonicTime now) const {
  const MonotonicTime at{Duration(cores_[core].at.load(std::memory_order_relaxed))};
  return now - at > 3 * HandOff::kBeat ? 1.0 : cores_[core].busy.load(std::memory_order_relaxed);
}

std::size_t LoadBoard::quietest_other(std::size_t core, MonotonicTime now) const {
  std::size_t best = core == 0 ? 1 : 0;
  for (std::size_t i = 0; i < cores_.size(); ++i) {
    if (i != core && busy(i, now) < busy(best, now)) best = i;
  }
  return best;
}

Duration thread_cpu_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

HandOff::HandOff(std::size_t core, EventLoop& home, std::shared_ptr<LoadBoard> board, Send send,
                 CpuTime cpu_time)
    : core_(core),
      home_(home),
      board_(std::move(board)),
      send_(std::move(send)),
      cpu_time_(std::move(cpu_time)),
      cpu_before_(cpu_time_()),
      beat_before_(home.now()) {
  wait_for_beat();
}

void HandOff::wait_for_beat() {
  timer_ = home_.after(kBeat, [this] {
    beat();
    wait_for_beat();
  });
}

void HandOff::beat() {
  const Duration cpu = cpu_time_();
  const MonotonicTime now = home_.now();
  const auto seconds = [](Duration d) { return std::chrono::duration<double>(d).count(); };
  board_->set(core_, seconds(cpu - cpu_before_) / seconds(std::max<Duration>(now - beat_before_, kBeat)),
              now);
  cpu_before_ = cpu;
  beat_before_ = now;
  to_ = board_->quietest_other(core_, now);
  share_.observe(board_->busy(core_, now), board_->busy(to_, now));
}

bool HandOff::take(const std::string& receiver, data::Batch& batch) {
  if (stopped_ || !share_.give()) return false;
  batch.answer_on(home_);
  send_(to_, std::make_shared<HandedOff>(HandedOff{receiver, std::move(batch)}));
  return true;
}

}  // namespace otlpipe::worker::pipeline
