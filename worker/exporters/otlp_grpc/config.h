#pragma once

#include "common/base/result.h"
#include "worker/exporters/address.h"
#include "worker/queue/queued_exporter.h"
#include "worker/transport/transport.h"

namespace otlpipe::v1alpha1 {
class OtlpGrpcExporter;
}

namespace otlpipe::worker::exporters::otlp_grpc {

struct Config {
  Address endpoint;
  transport::Compression compression = transport::Compression::kGzip;
  std::chrono::milliseconds timeout{10'000};
  transport::Headers headers;
  queue::RetryOptions retry;
  queue::QueueOptions queue;
};

// From a configuration that has passed the schema, which fills in the defaults. The error's `where` is the
// field.
Result<Config> read_config(const v1alpha1::OtlpGrpcExporter& config);

}  // namespace otlpipe::worker::exporters::otlp_grpc
