#pragma once

#include <array>
#include <optional>

#include "common/base/result.h"
#include "worker/data/signal.h"
#include "worker/exporters/address.h"
#include "worker/queue/queued_exporter.h"
#include "worker/transport/transport.h"

namespace otlpipe::v1alpha1 {
class OtlpHttpExporter;
}

namespace otlpipe::worker::exporters::otlp_http {

struct Config {
  // With the full path; nullopt: nowhere.
  std::array<std::optional<Address>, kSignalCount> endpoints;
  transport::Compression compression = transport::Compression::kGzip;
  std::chrono::milliseconds timeout{10'000};
  transport::Headers headers;
  queue::RetryOptions retry;
  queue::QueueOptions queue;
};

// From a configuration that has passed the schema, which fills in the defaults. The error's `where` is the
// field.
Result<Config> read_config(const v1alpha1::OtlpHttpExporter& config);

}  // namespace otlpipe::worker::exporters::otlp_http
