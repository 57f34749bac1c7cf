#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "operator/control/fleet.h"
#include "operator/controller/conditions.h"
#include "operator/controller/reconciler.h"
#include "tests/support/kube/fake_client.h"
#include "tests/support/runtime/fake_wait_clock.h"

namespace otlpipe::controller::testing {

struct SentConfigs final : control::WorkerLink {
  std::vector<std::string> hashes;
  std::string closed;
  void send_config(const std::string& hash, const std::string&) override { hashes.push_back(hash); }
  void close(std::string_view reason) override { closed = reason; }
};

struct RecordedEvents final : runtime::EventRecorder {
  std::vector<std::string> told;  // "Warning NameConflict"
  void record(const nlohmann::json&, runtime::EventType type, std::string_view reason, std::string_view,
              std::string_view) override;
};

// A reconciler before an API server in memory, one turn at a time, without threads: caches show what the
// server has at the moment of sync().
class World {
 public:
  World();

  // A valid pipeline "ns/gateway", changed by `change`.
  void put_pipeline(const std::function<void(nlohmann::json&)>& change = {},
                    const std::string& name = "gateway");
  void edit_spec(const std::function<void(nlohmann::json& spec)>& change,
                 const std::string& name = "gateway");
  // What the Deployment controller would report when all is well.
  void deployment_is_ready(const std::string& name = "gateway");
  // A connected worker that runs `hash`.
  std::pair<control::Fleet::Session, std::shared_ptr<SentConfigs>> connect_worker(const std::string& pod,
                                                                                  const std::string& hash);
  void answer(const control::Fleet::Session& session, const std::string& hash, bool accepted);

  void sync();
  // Brings the caches up to date and runs one turn.
  Result<runtime::Outcome> turn(const std::string& name = "gateway");

  nlohmann::json get(const kube::Resource& resource, const std::string& name) const;
  nlohmann::json status(const std::string& name = "gateway") const;
  // "True Valid"
  std::string condition(const char* type, const std::string& name = "gateway") const;
  std::string config_hash() const;          // of the ConfigMap
  std::vector<std::string> writes() const;  // "apply Service gateway", status writes as "status"
  static kube::ObjectKey key(const std::string& name) { return {"ns", name}; }

  kube::testing::FakeClient client;
  runtime::testing::FakeWaitClock clock;
  control::Fleet fleet{{}, clock};
  RecordedEvents events;
  std::string ca = "CA";
  ReconcilerOptions options;

  // Another process over the same cluster.
  void restart();
  PipelineReconciler& reconciler() { return *reconciler_; }

 private:
  runtime::Cache pipelines_;
  std::map<kube::Resource, runtime::Cache> children_;
  runtime::Cache pods_;
  std::unique_ptr<PipelineReconciler> reconciler_;
};

}  // namespace otlpipe::controller::testing
