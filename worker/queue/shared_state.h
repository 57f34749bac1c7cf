#pragma once

// What the instances of one exporter have in common: its settings, the bounds of its queue, its counters.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "common/log/logger.h"
#include "worker/queue/budget.h"
#include "worker/queue/retry.h"
#include "worker/telemetry/component_metrics.h"
#include "worker/telemetry/exporter_status.h"

namespace otlpipe::worker::queue {

enum class Overflow : std::uint8_t { kBlock, kDropOldest, kDropNewest };
enum class Acknowledge : std::uint8_t { kOnDelivery, kOnEnqueue };

struct QueueOptions {
  std::uint64_t max_items = 10'000;  // records
  std::uint64_t max_bytes = 64u << 20;
  Overflow overflow = Overflow::kBlock;
  Acknowledge acknowledge = Acknowledge::kOnDelivery;
  std::chrono::milliseconds block_wait{5'000};  // how long kBlock waits for room
  std::size_t concurrency = 32;                 // attempts under way, waits for retries included; per core
};

// What the instances of one exporter have in common; made once per plan. Thread safe.
struct ExporterShared {
  std::string name;
  QueueOptions queue;
  RetryOptions retry;
  std::shared_ptr<QueueBudget> budget;
  telemetry::ExporterMetrics metrics;
  std::shared_ptr<telemetry::ExporterStatus> status;
  Logger log;
};

// Makes them, with the queue's gauges in the registry.
std::shared_ptr<const ExporterShared> make_shared_state(const std::string& name, const QueueOptions& queue,
                                                        const RetryOptions& retry,
                                                        telemetry::Registry& registry,
                                                        std::shared_ptr<telemetry::ExporterStatus> status,
                                                        const Logger& log);

}  // namespace otlpipe::worker::queue
