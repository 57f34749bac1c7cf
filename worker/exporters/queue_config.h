#pragma once

#include <chrono>

#include "worker/queue/queued_exporter.h"

namespace google::protobuf {
class Duration;
}
namespace otlpipe::v1alpha1 {
class Queue;
class Retry;
}  // namespace otlpipe::v1alpha1

namespace otlpipe::worker::exporters {

// From a configuration that has passed the schema, which fills in the defaults.
queue::QueueOptions read_queue(const v1alpha1::Queue& config);
queue::RetryOptions read_retry(const v1alpha1::Retry& config);
Duration read_duration(const google::protobuf::Duration& value);
inline std::chrono::milliseconds read_millis(const google::protobuf::Duration& value) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(read_duration(value));
}

}  // namespace otlpipe::worker::exporters
