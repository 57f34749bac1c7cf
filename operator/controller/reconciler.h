#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "common/log/logger.h"
#include "common/time/clock.h"
#include "operator/api/pipeline.h"
#include "operator/control/fleet.h"
#include "operator/controller/plan.h"
#include "operator/kube/client.h"
#include "operator/render/context.h"
#include "operator/runtime/cache.h"
#include "operator/runtime/controller.h"
#include "operator/runtime/events.h"

namespace otlpipe::controller {

struct StatusInput;

// The local copies that a reconciler reads. Children are indexed by kOwnerIndex, pods by kPipelineIndex.
struct Caches {
  const runtime::Cache* pipelines = nullptr;
  std::map<kube::Resource, const runtime::Cache*> children = {};
  const runtime::Cache* pods = nullptr;
};
inline constexpr const char* kOwnerIndex = "owner";        // runtime::index_by_controller_uid
inline constexpr const char* kPipelineIndex = "pipeline";  // index_by_pipeline

// "ns/name" of the pipeline that a worker's pod belongs to, by its labels.
std::vector<std::string> index_by_pipeline(const nlohmann::json& pod);
// The same as keys, for watches.
std::vector<kube::ObjectKey> pipeline_of_pod(const runtime::Change& change);

struct ReconcilerOptions {
  api::ControlSettings control;
  // Asked at each turn, because the authority's certificate may change.
  std::function<render::Release()> release;
  Duration certificate_patience =
      std::chrono::seconds(15);                          // for the authority's certificate after the start
  Duration conflict_pause = std::chrono::seconds(20);    // between looks at what is in the way
  Duration settle_patience = std::chrono::seconds(1);    // see status.h: settling
  Duration restart_patience = std::chrono::seconds(30);  // for workers to come back to a new operator
  Duration refresh = std::chrono::seconds(15);           // of a status whose flow has to decay
};

// Makes the cluster match an OtlpPipeline. Thread safe for different keys, as runtime::Controller calls it.
class PipelineReconciler final : public runtime::Reconciler {
 public:
  // Everything must outlive the reconciler.
  PipelineReconciler(ReconcilerOptions options, Caches caches, kube::Client& client, control::Fleet& fleet,
                     runtime::EventRecorder& events, const Clock& clock, Logger logger);
  ~PipelineReconciler() override;

  Result<runtime::Outcome> reconcile(const kube::ObjectKey& key) override;

  // How many pipelines are in each phase, for metrics.
  std::map<std::string, int> phases() const;

 private:
  struct Memory;
  struct Turn;

  std::shared_ptr<Memory> memory_of(const kube::ObjectKey& key);
  bool waits_for_certificates() const;
  void observe(Turn& turn);
  void decide_configuration(Turn& turn);
  Status find_foreign(Turn& turn, PlanInput& input);
  Status converge(Turn& turn);
  void describe_pending(Turn& turn, const Plan& plan);
  Status execute(Turn& turn, const Action& action);
  Status apply(Turn& turn, const Action& action);
  Status publish_status(Turn& turn);
  void tell_changes(const Turn& turn, const nlohmann::json& before, const nlohmann::json& after);
  runtime::Outcome outcome(const Turn& turn) const;

  const ReconcilerOptions options_;
  const Caches caches_;
  kube::Client& client_;
  control::Fleet& fleet_;
  runtime::EventRecorder& events_;
  const Clock& clock_;
  const Logger logger_;
  const MonotonicTime started_;

  mutable std::mutex mutex_;
  std::map<kube::ObjectKey, std::shared_ptr<Memory>> memories_;
};

}  // namespace otlpipe::controller
