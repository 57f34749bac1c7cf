#pragma once

#include <utility>
#include <vector>

#include "worker/pipeline/component.h"

namespace otlpipe::worker::pipeline {

// Gives every batch to several consumers; its senders hear success when all of them delivered it. The bytes
// are shared.
class FanOut final : public Consumer {
 public:
  explicit FanOut(std::vector<Consumer*> consumers) : consumers_(std::move(consumers)) {}

  void consume(data::Batch batch) override {
    std::vector<data::Batch> copies = std::move(batch).fan_out(consumers_.size());
    for (std::size_t i = 0; i < copies.size(); ++i) consumers_[i]->consume(std::move(copies[i]));
  }

 private:
  std::vector<Consumer*> consumers_;
};

}  // namespace otlpipe::worker::pipeline
