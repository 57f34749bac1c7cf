#include "worker/pipeline/core_graph.h"

#include <algorithm>

#include "worker/pipeline/fan_out.h"
#include "worker/pipeline/keep_own.h"

namespace otlpipe::worker::pipeline {
namespace {

template <typename T>
void add(std::vector<T>& to, const std::vector<T>& more) {
  for (const T& one : more) {
    if (std::ranges::find(to, one) == to.end()) to.push_back(one);
  }
}

std::vector<std::string> keys_of(const PipelineNode& node) {
  std::vector<std::string> keys;
  for (const auto& processor : node.processors) add(keys, processor->metadata_keys());
  return keys;
}

// Processors merge, cut or change what comes in, and then its compressed form is of no use.
std::vector<compression::Compression> compressions_of(const PipelineNode& node, const Plan& plan) {
  std::vector<compression::Compression> compressions;
  if (!node.processors.empty()) return compressions;
  for (const ExporterNode& exporter : plan.exporters) {
    if (std::ranges::find(node.exporters, exporter.name) == node.exporters.end()) continue;
    if (exporter.plan->compression() != compression::Compression::kNone)
      add(compressions, {exporter.plan->compression()});
  }
  return compressions;
}

}  // namespace

CoreGraph::CoreGraph(const Plan& plan, CoreContext& core, const CoreGraph* previous) {
  for (const ExporterNode& node : plan.exporters) {
    ExporterInstance instance{node.fingerprint, nullptr};
    if (previous != nullptr) {
      const auto old = previous->exporters_.find(node.name);
      if (old != previous->exporters_.end() && old->second.fingerprint == node.fingerprint)
        instance = old->second;
    }
    if (!instance.exporter) instance.exporter = node.plan->instantiate(core);
    exporters_.emplace(node.name, std::move(instance));
  }

  struct Wired {
    const PipelineNode* node;
    Consumer* head;
    std::vector<std::string> own_keys;
  };
  std::vector<Wired> pipelines;
  std::map<std::string, std::array<std::vector<Consumer*>, kSignalCount>> heads;
  for (const PipelineNode& node : plan.pipelines) {
    std::vector<Consumer*> ends;
    for (const std::string& name : node.exporters) ends.push_back(exporters_.at(name).exporter.get());
    Consumer* head = join(std::move(ends));
    std::vector<std::unique_ptr<Processor>> chain;
    for (auto plan_of = node.processors.rbegin(); plan_of != node.processors.rend(); ++plan_of) {
      chain.push_back((*plan_of)->instantiate(core, *head));
      head = chain.back().get();
    }
    std::move(chain.rbegin(), chain.rend(), std::back_inserter(processors_));
    const std::vector<std::string> own_keys = keys_of(node);
    const auto compressions = compressions_of(node, plan);
    for (const std::string& receiver : node.receivers) {
      Kept& kept = kept_[receiver];
      add(kept.metadata_keys, own_keys);
      for (const Signal signal : node.signals)
        add(kept.compressions[static_cast<std::size_t>(signal)], compressions);
    }
    pipelines.push_back({&node, head, own_keys});
  }
  for (const Wired& pipeline : pipelines) {
    const bool changes_data = !pipeline.node->processors.empty();
    for (const std::string& receiver : pipeline.node->receivers) {
      const Kept& kept = kept_[receiver];
      const bool packed =
          std::ranges::any_of(kept.compressions, [](const auto& some) { return !some.empty(); });
      Consumer* head = pipeline.head;
      if (kept.metadata_keys.size() > pipeline.own_keys.size() || (changes_data && packed)) {
        between_.push_back(std::make_unique<KeepOwn>(pipeline.own_keys, !changes_data, *head));
        head = between_.back().get();
      }
      for (const Signal signal : pipeline.node->signals)
        heads[receiver][static_cast<std::size_t>(signal)].push_back(head);
    }
  }
  for (auto& [receiver, by_signal] : heads) {
    Entries& entries = entries_[receiver];
    for (std::size_t signal = 0; signal < kSignalCount; ++signal) {
      entries[signal] = by_signal[signal].empty() ? nullptr : join(std::move(by_signal[signal]));
    }
  }
}

Consumer* CoreGraph::join(std::vector<Consumer*> consumers) {
  if (consumers.size() == 1) return consumers.front();
  between_.push_back(std::make_unique<FanOut>(std::move(consumers)));
  return between_.back().get();
}

CoreGraph::Entries CoreGraph::entries(const std::string& receiver) const {
  const auto found = entries_.find(receiver);
  return found == entries_.end() ? Entries{} : found->second;
}

Kept CoreGraph::kept(const std::string& receiver) const {
  const auto found = kept_.find(receiver);
  return found == kept_.end() ? Kept{} : found->second;
}

void CoreGraph::drain_processors() {
  for (const auto& processor : processors_) processor->drain();
}

}  // namespace otlpipe::worker::pipeline
