#pragma once

// How the configuration of a component becomes its plan. Factories are stateless; app/ lists all of them in
// one place.

#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/log/logger.h"
#include "common/time/clock.h"
#include "worker/pipeline/component.h"
#include "worker/telemetry/exporter_status.h"
#include "worker/telemetry/registry.h"

namespace otlpipe::v1alpha1 {
class Exporter;
class Processor;
class Receiver;
}  // namespace otlpipe::v1alpha1

namespace otlpipe::worker::pipeline {

// What plans are made with; outlives them.
struct PlanContext {
  telemetry::Registry& registry;
  Logger log;
  const Clock& clock;
};

// A factory returns nullptr for a kind that is not its own. An Error's `where` is a path below the component.
class ReceiverFactory {
 public:
  virtual ~ReceiverFactory() = default;
  virtual Result<std::shared_ptr<const ReceiverPlan>> plan(const v1alpha1::Receiver& config,
                                                           const PlanContext& context) const = 0;
};

class ProcessorFactory {
 public:
  virtual ~ProcessorFactory() = default;
  // `pipeline`: the one that it is a step of.
  virtual Result<std::shared_ptr<const ProcessorPlan>> plan(const v1alpha1::Processor& config,
                                                            const std::string& pipeline,
                                                            const PlanContext& context) const = 0;
};

class ExporterFactory {
 public:
  virtual ~ExporterFactory() = default;
  virtual Result<std::shared_ptr<const ExporterPlan>> plan(const v1alpha1::Exporter& config,
                                                           std::shared_ptr<telemetry::ExporterStatus> status,
                                                           const PlanContext& context) const = 0;
};

struct Components {
  std::vector<std::unique_ptr<ReceiverFactory>> receivers;
  std::vector<std::unique_ptr<ProcessorFactory>> processors;
  std::vector<std::unique_ptr<ExporterFactory>> exporters;
};

}  // namespace otlpipe::worker::pipeline
