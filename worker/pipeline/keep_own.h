#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "worker/pipeline/component.h"

namespace otlpipe::worker::pipeline {

// Stands before a pipeline whose receiver keeps headers that other pipelines asked for: only `keys` go on, so
// that no backend gets what was not meant for it. `next` outlives it.
class KeepMetadata final : public Consumer {
 public:
  KeepMetadata(std::vector<std::string> keys, Consumer& next) : keys_(std::move(keys)), next_(next) {}

  void consume(data::Batch batch) override {
    batch.keep_metadata(keys_);
    next_.consume(std::move(batch));
  }

 private:
  const std::vector<std::string> keys_;
  Consumer& next_;
};

}  // namespace otlpipe::worker::pipeline
