#include "worker/processors/batch/batch.h"

#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace otlpipe::worker::processors::batch {
namespace {

using data::Batch;

class BatchProcessor final : public pipeline::Processor {
 public:
  BatchProcessor(const Config& config, std::shared_ptr<const telemetry::ProcessorMetrics> metrics,
                 pipeline::CoreContext& core, pipeline::Consumer& next)
      : config_(config), metrics_(std::move(metrics)), loop_(core.loop()), core_(core.index), next_(next) {}

  ~BatchProcessor() override {
    for (Gathering& g : gathering_) loop_.cancel(g.timer);
  }

  void consume(Batch batch) override {
    metrics_->incoming.add(batch.signal(), core_, batch.records());
    Gathering& gathering = gathering_[static_cast<std::size_t>(batch.signal())];
    if (batch.records() > config_.max_items || batch.bytes() > config_.max_bytes) {
      // What is being gathered stays: its wait is not over, and it would not make the pieces fewer.
      for (Batch& piece : std::move(batch).split({config_.max_items, config_.max_bytes}))
        pass_on(std::move(piece));
      return;
    }
    if (gathering.batch && (gathering.batch->records() + batch.records() > config_.max_items ||
                            gathering.batch->bytes() + batch.bytes() > config_.max_bytes)) {
      flush(gathering);
    }
    if (gathering.batch) {
      gathering.batch->append(std::move(batch));
    } else {
      gathering.batch = std::move(batch);
    }
    if (draining_ || gathering.batch->records() >= config_.max_items ||
        gathering.batch->bytes() >= config_.max_bytes) {
      flush(gathering);
    } else if (gathering.timer == EventLoop::kNoTimer) {
      gathering.timer = loop_.after(config_.timeout, [this, &gathering] {
        gathering.timer = EventLoop::kNoTimer;
        flush(gathering);
      });
    }
  }

  void drain() override {
    draining_ = true;
    for (Gathering& gathering : gathering_) flush(gathering);
  }

 private:
  struct Gathering {
    std::optional<Batch> batch;
    EventLoop::TimerId timer = EventLoop::kNoTimer;
  };

  void flush(Gathering& gathering) {
    loop_.cancel(std::exchange(gathering.timer, EventLoop::kNoTimer));
    if (gathering.batch) pass_on(*std::exchange(gathering.batch, std::nullopt));
  }

  void pass_on(Batch batch) {
    metrics_->outgoing.add(batch.signal(), core_, batch.records());
    metrics_->batches.add(batch.signal(), core_, 1);
    next_.consume(std::move(batch));
  }

  const Config config_;
  std::shared_ptr<const telemetry::ProcessorMetrics> metrics_;
  EventLoop& loop_;
  const std::size_t core_;
  pipeline::Consumer& next_;
  std::array<Gathering, kSignalCount> gathering_;
  bool draining_ = false;
};

}  // namespace

std::unique_ptr<pipeline::Processor> make_batch_processor(
    const Config& config, std::shared_ptr<const telemetry::ProcessorMetrics> metrics,
    pipeline::CoreContext& core, pipeline::Consumer& next) {
  return std::make_unique<BatchProcessor>(config, std::move(metrics), core, next);
}

}  // namespace otlpipe::worker::processors::batch
