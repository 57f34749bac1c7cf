#include "operator/control/fleet.h"

#include <algorithm>
#include <utility>

#include "operator/control/reports.h"
#include "otlpipe/control/v1/control.pb.h"

namespace otlpipe::control {

struct Fleet::Worker {
  WorkerIdentity identity;
  std::shared_ptr<WorkerLink> link;
  std::vector<ExporterSummary> exporters = {};
};

struct Fleet::Pipeline {
  WantedConfig config;
  RolloutState rollout;
  FlowWindow flow;
  std::map<Session, Worker> workers;
};

Fleet::Fleet(RolloutOptions options, const Clock& clock) : options_(options), clock_(clock) {}

Fleet::~Fleet() = default;

void Fleet::set_listener(Listener listener) {
  listener_ = std::move(listener);
}

void Fleet::notify(const kube::ObjectKey& pipeline, bool urgent) const {
  if (listener_) {
    listener_(pipeline, urgent);
  }
}

// Sends while the lock is held, so that what is sent last is what was decided last.
void Fleet::act(Pipeline& pipeline, const RolloutEvent& event) {
  for (const Offer& offer : step(pipeline.rollout, event, clock_.now(), options_)) {
    const WantedConfig& config = pipeline.config;
    if (offer.hash == config.wanted.hash) {
      pipeline.workers.at(offer.worker).link->send_config(offer.hash, config.wanted.json);
    } else if (config.stable && offer.hash == config.stable->hash) {
      pipeline.workers.at(offer.worker).link->send_config(offer.hash, config.stable->json);
    }
  }
}

void Fleet::want(const kube::ObjectKey& pipeline, WantedConfig wanted) {
  const std::lock_guard lock(mutex_);
  auto& entry = pipelines_[pipeline];
  if (!entry) {
    entry = std::make_unique<Pipeline>();
  }
  Want event{.wanted = wanted.wanted.hash,
             .stable = wanted.stable ? wanted.stable->hash : "",
             .paused = wanted.paused,
             .workers_expected = wanted.workers_expected};
  for (const auto& [session, worker] : entry->workers) {
    if (wanted.left_alone.contains(worker.identity.pod)) {
      event.left_alone.insert(session);
    }
  }
  entry->config = std::move(wanted);
  act(*entry, event);
}

FleetReport Fleet::report(const kube::ObjectKey& pipeline) {
  const std::lock_guard lock(mutex_);
  FleetReport report;
  const auto found = pipelines_.find(pipeline);
  if (found == pipelines_.end()) {
    return report;
  }
  Pipeline& p = *found->second;
  const MonotonicTime now = clock_.now();
  // While paused nothing is sent, so nothing is being tried and nobody is waited for.
  const bool paused = p.rollout.paused;
  report.phase = paused && p.rollout.phase == RolloutPhase::kTrying ? RolloutPhase::kIdle : p.rollout.phase;
  report.problems = p.rollout.problems;
  report.per_minute = p.flow.per_minute(now);
  for (const auto& [session, worker] : p.workers) {
    const RolloutWorker& state = p.rollout.workers.at(session);
    const std::string& wanted = p.rollout.wanted;
    report.workers.push_back({.pod = worker.identity.pod,
                              .version = worker.identity.version,
                              .applied = state.applied,
                              .applied_wanted = !wanted.empty() && state.applied == wanted,
                              .rejected_wanted = !wanted.empty() && state.rejected == wanted,
                              .problems = state.problems,
                              .left_alone = paused || p.rollout.left_alone.contains(session)});
    if (session == p.rollout.rejected_by) {
      report.rejected_by = worker.identity.pod;
    }
    merge(report.exporters, worker.exporters);
  }
  if (const auto deadline = next_deadline(p.rollout, options_)) {
    report.next_deadline = std::max(*deadline - now, Duration::zero());
  }
  return report;
}

void Fleet::forget(const kube::ObjectKey& pipeline) {
  const std::lock_guard lock(mutex_);
  const auto found = pipelines_.find(pipeline);
  if (found == pipelines_.end()) {
    return;
  }
  for (const auto& [session, worker] : found->second->workers) {
    sessions_.erase(session);
    worker.link->close("the pipeline is gone");
  }
  pipelines_.erase(found);
}

void Fleet::tick() {
  const std::lock_guard lock(mutex_);
  for (auto& [key, pipeline] : pipelines_) {
    act(*pipeline, Tick{});
    pipeline->flow.forget_silent(clock_.now());
  }
}

void Fleet::disconnect_all(std::string_view reason) {
  const std::lock_guard lock(mutex_);
  for (auto& [key, pipeline] : pipelines_) {
    for (const auto& [session, worker] : pipeline->workers) {
      worker.link->close(reason);
    }
  }
  pipelines_.clear();
  sessions_.clear();
}

std::size_t Fleet::connected() const {
  const std::lock_guard lock(mutex_);
  return sessions_.size();
}

Fleet::Session Fleet::join(const WorkerIdentity& worker, const std::string& applied_hash,
                           std::shared_ptr<WorkerLink> link) {
  Session session;
  {
    const std::lock_guard lock(mutex_);
    auto& entry = pipelines_[worker.pipeline];
    if (!entry) {
      entry = std::make_unique<Pipeline>();
    }
    for (auto it = entry->workers.begin(); it != entry->workers.end();) {
      if (it->second.identity.pod_uid != worker.pod_uid) {
        ++it;
        continue;
      }
      it->second.link->close("the same worker opened another stream");
      sessions_.erase(it->first);
      const Session old = it->first;
      it = entry->workers.erase(it);
      act(*entry, WorkerLeft{old});
    }
    session = worker.pod + "#" + std::to_string(next_session_++);
    sessions_[session] = worker.pipeline;
    entry->workers.emplace(session, Worker{worker, std::move(link)});
    act(*entry, WorkerJoined{session, applied_hash});
  }
  notify(worker.pipeline, true);
  return session;
}

Fleet::Pipeline* Fleet::find_locked(const Session& session, Worker** worker) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) {
    return nullptr;
  }
  Pipeline* pipeline = pipelines_.at(found->second).get();
  *worker = &pipeline->workers.at(session);
  return pipeline;
}

void Fleet::config_result(const Session& session, const v1::ConfigResult& result) {
  kube::ObjectKey key;
  {
    const std::lock_guard lock(mutex_);
    Worker* worker = nullptr;
    Pipeline* pipeline = find_locked(session, &worker);
    if (pipeline == nullptr) {
      return;
    }
    key = worker->identity.pipeline;
    act(*pipeline, WorkerAnswered{session, result.hash(), result.accepted(), problems_of(result)});
  }
  notify(key, true);
}

void Fleet::worker_report(const Session& session, const v1::Report& report) {
  kube::ObjectKey key;
  bool urgent = false;
  {
    const std::lock_guard lock(mutex_);
    Worker* worker = nullptr;
    Pipeline* pipeline = find_locked(session, &worker);
    if (pipeline == nullptr) {
      return;
    }
    key = worker->identity.pipeline;
    pipeline->flow.observe(worker->identity.pod_uid, flow_of(report), uptime_of(report), clock_.now());
    worker->exporters = exporters_of(report);
    // The report is the truth about what runs, should a ConfigResult have been missed.
    const std::string& known = pipeline->rollout.workers.at(session).applied;
    if (!report.hash().empty() && report.hash() != known) {
      urgent = true;
      act(*pipeline, WorkerAnswered{session, report.hash(), true, {}});
    }
  }
  notify(key, urgent);
}

void Fleet::leave(const Session& session) {
  kube::ObjectKey key;
  {
    const std::lock_guard lock(mutex_);
    Worker* worker = nullptr;
    Pipeline* pipeline = find_locked(session, &worker);
    if (pipeline == nullptr) {
      return;
    }
    key = worker->identity.pipeline;
    pipeline->workers.erase(session);
    sessions_.erase(session);
    act(*pipeline, WorkerLeft{session});
  }
  notify(key, true);
}

}  // namespace otlpipe::control
