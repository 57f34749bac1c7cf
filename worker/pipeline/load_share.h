#pragma once

#include <algorithm>

namespace otlpipe::worker::pipeline {

// How much of its work a core gives to another one, found by trial: more while it is busy itself and the
// other is not, less when that changes. Pure; not thread safe.
class LoadShare {
 public:
  static constexpr double kBusy = 0.9;  // of a core's time
  static constexpr double kSpare = 0.75;
  static constexpr double kStep = 0.125;

  // Once a beat, with how busy both have been since the last one.
  void observe(double own, double other) {
    if (own >= kBusy && other < kSpare) {
      share_ = std::min(1.0, share_ + kStep);
    } else if (own < kSpare || other >= kBusy) {
      share_ = std::max(0.0, share_ - kStep);
    }
  }
  double share() const { return share_; }

  // Whether the next piece of work goes away; as often as the share says, evenly.
  bool give() {
    owed_ += share_;
    if (owed_ < 1.0) return false;
    owed_ -= 1.0;
    return true;
  }

 private:
  double share_ = 0;
  double owed_ = 0;
};

}  // namespace otlpipe::worker::pipeline
