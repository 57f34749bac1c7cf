#include "worker/pipeline/core_graph.h"

#include <algorithm>

#include "worker/pipeline/fan_out.h"

namespace otlpipe::worker::pipeline {

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
    for (const std::string& receiver : node.receivers) {
      auto& keys = metadata_keys_[receiver];
      for (const auto& processor : node.processors) {
        for (std::string& key : processor->metadata_keys()) {
          if (std::ranges::find(keys, key) == keys.end()) keys.push_back(std::move(key));
        }
      }
      for (const Signal signal : node.signals)
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
  fan_outs_.push_back(std::make_unique<FanOut>(std::move(consumers)));
  return fan_outs_.back().get();
}

CoreGraph::Entries CoreGraph::entries(const std::string& receiver) const {
  const auto found = entries_.find(receiver);
  return found == entries_.end() ? Entries{} : found->second;
}

std::vector<std::string> CoreGraph::metadata_keys(const std::string& receiver) const {
  const auto found = metadata_keys_.find(receiver);
  return found == metadata_keys_.end() ? std::vector<std::string>{} : found->second;
}

void CoreGraph::drain_processors() {
  for (const auto& processor : processors_) processor->drain();
}

}  // namespace otlpipe::worker::pipeline
