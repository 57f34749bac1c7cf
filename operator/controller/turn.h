#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "operator/controller/plan.h"
#include "operator/controller/reconciler.h"
#include "operator/controller/status.h"
#include "operator/render/context.h"

namespace otlpipe::controller {

// What is remembered of a pipeline between two turns. Only ever used by the one thread that works on its key;
// everything can be lost at any time.
struct PipelineReconciler::Memory {
  std::string uid;
  AppliedMemory applied;
  std::optional<MonotonicTime> settling_since;
  // The status written last, and the resource version that it was made from: while the cache still shows that
  // version, what was written is the truth.
  nlohmann::json status;
  std::string status_base;
  std::string phase;
};

// One turn's values.
struct PipelineReconciler::Turn {
  kube::ObjectKey key;
  nlohmann::json object;  // the OtlpPipeline, with its latest known status
  std::string base_version;
  std::shared_ptr<Memory> memory;

  render::Pipeline pipeline;
  std::map<ChildId, kube::ObjectPtr> mine;
  std::vector<kube::ObjectPtr> pods;
  std::optional<render::Configuration> stable;
  std::optional<render::Configuration> wanted;   // nothing: the spec is refused
  std::optional<render::Configuration> running;  // what ConfigMap and Services are made from
  std::vector<render::FieldProblem> problems;
  control::FleetReport fleet;

  bool paused = false;
  bool postponed = false;
  std::vector<std::string> conflicts;
  std::vector<std::string> pending;
  std::optional<Error> error;  // the first one

  kube::ObjectPtr deployment() const;
};

}  // namespace otlpipe::controller
