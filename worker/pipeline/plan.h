#pragma once

// A whole configuration, checked and turned into plans. Immutable and shared by all cores.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "worker/pipeline/component.h"
#include "worker/pipeline/factory.h"

namespace otlpipe::v1alpha1 {
class WorkerConfig;
}

namespace otlpipe::worker::pipeline {

struct ListenerNode {
  std::string receiver;
  std::string protocol;
  std::string port_field;            // its path in the configuration
  transport::ServerOptions options;  // address and port as the configuration says; port 0: any
  std::string fingerprint;           // equal: the open listener serves on
  std::shared_ptr<const ListenerPlan> plan;
};

struct ExporterNode {
  std::string name;
  std::string fingerprint;  // equal: the instances stay
  std::shared_ptr<telemetry::ExporterStatus> status;
  std::shared_ptr<const ExporterPlan> plan;
};

struct PipelineNode {
  std::string name;
  std::vector<Signal> signals;
  std::vector<std::string> receivers;
  std::vector<std::shared_ptr<const ProcessorPlan>> processors;
  std::vector<std::string> exporters;
};

struct Plan {
  std::vector<ListenerNode> listeners;
  std::vector<ExporterNode> exporters;
  std::vector<PipelineNode> pipelines;
  std::vector<std::string> receiver_names;
  std::vector<std::string> processor_names;
  std::uint64_t memory_budget = 0;
};

// `config` has passed the schema. What `previous` (nullptr: nothing) has of unchanged exporters is kept. The
// error's `where` is the field's path.
Result<std::shared_ptr<const Plan>> make_plan(const v1alpha1::WorkerConfig& config,
                                              const Components& components, const PlanContext& context,
                                              const Plan* previous);

}  // namespace otlpipe::worker::pipeline
