#pragma once

#include <string>
#include <utility>
#include <vector>

#include "worker/pipeline/component.h"

namespace otlpipe::worker::pipeline {

// Stands before a pipeline whose receiver keeps more with the data than this one asked for: only the headers
// `keys` go on, so that no backend gets what was not meant for it, and the compressed form only when
// `packed`, so that what nobody will send holds no memory. `next` outlives it.
class KeepOwn final : public Consumer {
 public:
  KeepOwn(std::vector<std::string> keys, bool packed, Consumer& next)
      : keys_(std::move(keys)), packed_(packed), next_(next) {}

  void consume(data::Batch batch) override {
    batch.keep_metadata(keys_);
    if (!packed_) batch.set_packed({});
    next_.consume(std::move(batch));
  }

 private:
  const std::vector<std::string> keys_;
  const bool packed_;
  Consumer& next_;
};

}  // namespace otlpipe::worker::pipeline
