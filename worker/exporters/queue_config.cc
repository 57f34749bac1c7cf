#include "worker/exporters/queue_config.h"

#include "otlpipe/v1alpha1/common.pb.h"

namespace otlpipe::worker::exporters {

Duration read_duration(const google::protobuf::Duration& value) {
  return std::chrono::seconds(value.seconds()) + std::chrono::nanoseconds(value.nanos());
}

queue::QueueOptions read_queue(const v1alpha1::Queue& config) {
  queue::QueueOptions options;
  options.max_items = static_cast<std::uint64_t>(config.max_items());
  options.max_bytes = static_cast<std::uint64_t>(config.max_bytes());
  switch (config.overflow()) {
    case v1alpha1::OVERFLOW_DROP_OLDEST:
      options.overflow = queue::Overflow::kDropOldest;
      break;
    case v1alpha1::OVERFLOW_DROP_NEWEST:
      options.overflow = queue::Overflow::kDropNewest;
      break;
    default:
      options.overflow = queue::Overflow::kBlock;
  }
  options.acknowledge = config.acknowledge() == v1alpha1::ACKNOWLEDGE_ON_ENQUEUE
                            ? queue::Acknowledge::kOnEnqueue
                            : queue::Acknowledge::kOnDelivery;
  return options;
}

queue::RetryOptions read_retry(const v1alpha1::Retry& config) {
  queue::RetryOptions options;
  options.initial_interval = read_duration(config.initial_interval());
  options.max_interval = read_duration(config.max_interval());
  options.multiplier = config.multiplier();
  options.max_elapsed = read_duration(config.max_elapsed());
  return options;
}

}  // namespace otlpipe::worker::exporters
