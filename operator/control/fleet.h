#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/time/clock.h"
#include "operator/control/flow.h"
#include "operator/control/rollout.h"
#include "operator/kube/object.h"

namespace otlpipe::control {

namespace v1 {
class ConfigResult;
class Report;
}  // namespace v1

// The way to one connected worker. Thread safe; never blocks; never calls the fleet from inside these calls.
class WorkerLink {
 public:
  virtual ~WorkerLink() = default;
  virtual void send_config(const std::string& hash, const std::string& json) = 0;
  // Ends the stream; the worker will come back.
  virtual void close(std::string_view reason) = 0;
};

struct WorkerIdentity {
  kube::ObjectKey pipeline;
  std::string pod;
  std::string pod_uid;
  std::string version;
};

struct ConfigVersion {
  std::string hash;
  std::string json;
};

// What the controller wants the workers of one pipeline to run.
struct WantedConfig {
  ConfigVersion wanted;
  std::optional<ConfigVersion> stable = {};  // what new pods start from now
  bool paused = false;
  std::set<std::string> left_alone = {};  // names of pods that get nothing, see rollout.h
  bool workers_expected = false;          // workers run that have not connected yet, see rollout.h
};

enum class ExporterHealth { kUnknown, kHealthy, kDegraded, kFailing };

// An exporter over all workers: the worst health, the sum of the queues, the latest error of an unhealthy
// one.
struct ExporterSummary {
  std::string name = {};
  ExporterHealth health = ExporterHealth::kUnknown;
  std::uint64_t queued_items = 0;
  double queue_fill = 0;  // of the fullest queue, 0 to 1
  std::string last_error = {};
};

struct WorkerSummary {
  std::string pod = {};
  std::string version = {};
  std::string applied = {};
  bool applied_wanted = false;
  bool rejected_wanted = false;
  std::vector<Problem> problems = {};  // of what it rejected
  bool left_alone = false;             // gets nothing for now
};

struct FleetReport {
  RolloutPhase phase = RolloutPhase::kIdle;
  std::vector<Problem> problems = {};  // of the rejection
  std::string rejected_by = {};        // name of the pod
  std::vector<WorkerSummary> workers = {};
  Flow per_minute = {};
  std::vector<ExporterSummary> exporters = {};
  std::optional<Duration> next_deadline = {};
};

// The connected workers of all pipelines. The controller says what is wanted and asks how it goes; the server
// says who comes, goes and reports. Thread safe.
class Fleet {
 public:
  // Something changed about a pipeline; `urgent` unless only counters moved. Called on the thread of the
  // change, without a lock held; must not block.
  using Listener = std::function<void(const kube::ObjectKey& pipeline, bool urgent)>;
  using Session = std::string;

  Fleet(RolloutOptions options, const Clock& clock);
  ~Fleet();
  // Before anything else happens.
  void set_listener(Listener listener);

  // --- for the controller ---
  void want(const kube::ObjectKey& pipeline, WantedConfig wanted);
  FleetReport report(const kube::ObjectKey& pipeline);
  // The pipeline is gone: so are its workers' streams.
  void forget(const kube::ObjectKey& pipeline);
  // Lets time pass for every pipeline.
  void tick();
  // Ends every stream (this operator no longer leads).
  void disconnect_all(std::string_view reason);
  std::size_t connected() const;

  // --- for the server ---
  // An older session of the same pod is closed.
  Session join(const WorkerIdentity& worker, const std::string& applied_hash,
               std::shared_ptr<WorkerLink> link);
  void config_result(const Session& session, const v1::ConfigResult& result);
  void worker_report(const Session& session, const v1::Report& report);
  void leave(const Session& session);

 private:
  struct Worker;
  struct Pipeline;
  void act(Pipeline& pipeline, const RolloutEvent& event);
  void notify(const kube::ObjectKey& pipeline, bool urgent) const;
  Pipeline* find_locked(const Session& session, Worker** worker);

  const RolloutOptions options_;
  const Clock& clock_;
  Listener listener_;

  mutable std::mutex mutex_;
  std::map<kube::ObjectKey, std::unique_ptr<Pipeline>> pipelines_;
  std::map<Session, kube::ObjectKey> sessions_;
  std::uint64_t next_session_ = 1;
};

}  // namespace otlpipe::control
