#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/concurrency/event_loop.h"
#include "worker/data/batch.h"
#include "worker/queue/log_limit.h"
#include "worker/queue/shared_state.h"

namespace otlpipe::worker::queue {

// Counts and logs what happens to batches on one core.
class Reporter {
 public:
  Reporter(std::shared_ptr<const ExporterShared> shared, std::size_t core, const EventLoop& loop)
      : shared_(std::move(shared)), core_(core), loop_(loop) {}

  const ExporterShared& shared() const { return *shared_; }
  const telemetry::ExporterMetrics& metrics() const { return shared_->metrics; }

  void count(const telemetry::SignalCounters& counter, const data::Batch& batch) const {
    count(counter, batch, batch.records());
  }
  void count(const telemetry::SignalCounters& counter, const data::Batch& batch,
             std::uint64_t records) const {
    counter.add(batch.signal(), core_, records);
  }

  void warn(LogLimit& limit, std::string_view message, const data::Batch& batch,
            const std::string& error = {}) const {
    const auto held_back = limit.pass(loop_.now());
    if (!held_back) return;
    shared_->log.warn(message, {{"signal", to_string(batch.signal())},
                                {"records", batch.records()},
                                {"bytes", batch.bytes()},
                                {"error", error},
                                {"similar_since_last", *held_back}});
  }

 private:
  std::shared_ptr<const ExporterShared> shared_;
  std::size_t core_;
  const EventLoop& loop_;
};

}  // namespace otlpipe::worker::queue
