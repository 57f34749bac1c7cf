#include "worker/processors/batch/batch.h"

#include <algorithm>
#include <cassert>
#include <map>
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
    for (auto& [key, gathering] : gathering_) loop_.cancel(gathering.timer);
  }

  void consume(Batch batch) override {
    metrics_->incoming.add(batch.signal(), core_, batch.records());
    batch.keep_metadata(config_.metadata_keys);  // of other processors, too, there may be some
    if (batch.records() > config_.max_items || batch.bytes() > config_.max_bytes) {
      // What is being gathered stays: its wait is not over, and it would not make the pieces fewer.
      for (Batch& piece : std::move(batch).split({config_.max_items, config_.max_bytes}))
        pass_on(std::move(piece));
      return;
    }
    const Key key{batch.signal(), batch.metadata() ? *batch.metadata() : data::Metadata()};
    const auto found = gathering_.find(key);
    if (found == gathering_.end()) return start(key, std::move(batch));
    Gathering& gathering = found->second;
    if (gathering.batch.records() + batch.records() > config_.max_items ||
        gathering.batch.bytes() + batch.bytes() > config_.max_bytes) {
      flush(found);
      return start(key, std::move(batch));
    }
    gathering.batch.append(std::move(batch));
    if (is_full(gathering.batch)) flush(found);
  }

  void drain() override {
    draining_ = true;
    while (!gathering_.empty()) flush(gathering_.begin());
  }

 private:
  // Signal, and the values of the metadata that tell groups apart.
  using Key = std::pair<Signal, data::Metadata>;
  struct Gathering {
    Batch batch;
    EventLoop::TimerId timer = EventLoop::kNoTimer;
  };
  using Groups = std::map<Key, Gathering>;

  bool is_full(const Batch& batch) const {
    return batch.records() >= config_.max_items || batch.bytes() >= config_.max_bytes;
  }

  void start(const Key& key, Batch batch) {
    // With more groups at once than the limit, data goes on ungathered: never mixed, never refused.
    if (draining_ || is_full(batch) ||
        gathering_.size() >= std::max(config_.metadata_cardinality_limit, kSignalCount))
      return pass_on(std::move(batch));
    const auto [group, fresh] = gathering_.emplace(key, Gathering{std::move(batch)});
    assert(fresh);
    static_cast<void>(fresh);
    group->second.timer = loop_.after(config_.timeout, [this, group = group] {
      group->second.timer = EventLoop::kNoTimer;
      flush(group);
    });
  }

  void flush(Groups::iterator group) {
    loop_.cancel(group->second.timer);
    Batch batch = std::move(group->second.batch);
    gathering_.erase(group);
    pass_on(std::move(batch));
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
  Groups gathering_;
  bool draining_ = false;
};

}  // namespace

std::unique_ptr<pipeline::Processor> make_batch_processor(
    const Config& config, std::shared_ptr<const telemetry::ProcessorMetrics> metrics,
    pipeline::CoreContext& core, pipeline::Consumer& next) {
  return std::make_unique<BatchProcessor>(config, std::move(metrics), core, next);
}

}  // namespace otlpipe::worker::processors::batch
