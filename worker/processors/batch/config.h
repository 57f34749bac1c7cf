#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/time/clock.h"

namespace otlpipe::v1alpha1 {
class BatchProcessor;
}

namespace otlpipe::worker::processors::batch {

struct Config {
  std::uint64_t max_items = 512;
  std::size_t max_bytes = 4u << 20;
  Duration timeout = std::chrono::milliseconds(100);
  std::vector<std::string> metadata_keys = {};  // lower case
  std::size_t metadata_cardinality_limit = 1000;
};

// From a configuration that has passed the schema, which fills in the defaults.
Config read_config(const v1alpha1::BatchProcessor& config);

}  // namespace otlpipe::worker::processors::batch
