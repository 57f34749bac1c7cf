#include "operator/runtime/leader_election.h"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include <nlohmann/json.hpp>

#include "operator/kube/resources.h"

namespace otlpipe::runtime {

LeaderElection::LeaderElection(LeaderElectionOptions options, kube::Client& client, WaitClock& clock,
                               Random& random, Logger logger)
    : options_(std::move(options)),
      client_(client),
      clock_(clock),
      random_(random),
      logger_(std::move(logger)) {}

// Whether the lease is ours after looking at it and, if that is our turn, writing it.
Result<bool> LeaderElection::try_once() {
  auto current = client_.get(kube::leases(), options_.lease);
  if (!current && current.error().code != Code::kNotFound) return fail(std::move(current.error()));
  const nlohmann::json* lease = current ? &*current : nullptr;
  const LeaseDecision decision = decide_lease(lease, view_, options_, clock_.now());
  if (std::holds_alternative<LeaveLease>(decision)) return false;
  const nlohmann::json wanted = lease_object(lease, decision, options_, clock_.wall_now());
  auto written =
      lease == nullptr ? client_.create(kube::leases(), wanted) : client_.update(kube::leases(), wanted);
  if (!written) return fail(std::move(written.error()));
  decide_lease(&*written, view_, options_, clock_.now());
  return true;
}

void LeaderElection::release() {
  auto current = client_.get(kube::leases(), options_.lease);
  if (!current || kube::find_string(*current, "spec.holderIdentity") != options_.identity) return;
  const auto written = client_.update(kube::leases(), released_lease_object(*current, clock_.wall_now()));
  if (!written) logger_.warn("cannot release the lease; it will expire", {{"error", written.error()}});
}

bool LeaderElection::acquire(const Callbacks& callbacks, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const MonotonicTime began = clock_.now();
    const Result<bool> ours = try_once();
    if (!ours) logger_.warn("cannot read or write the lease", {{"error", ours.error()}});
    tell_observed(callbacks);
    if (ours && *ours) {
      renewed_at_ = began;
      return true;
    }
    const double spread = 1 + options_.jitter * random_.uniform();
    pause(clock_,
          Duration(static_cast<Duration::rep>(static_cast<double>(options_.retry_period.count()) * spread)),
          stop);
  }
  return false;
}

void LeaderElection::tell_observed(const Callbacks& callbacks) {
  if (view_.holder == told_) return;
  told_ = view_.holder;
  if (callbacks.on_observed) callbacks.on_observed(told_);
}

void LeaderElection::renew(const Callbacks& callbacks, const std::stop_token& stop) {
  while (pause(clock_, options_.retry_period, stop)) {
    const MonotonicTime began = clock_.now();
    const Result<bool> ours = try_once();
    if (!ours) logger_.warn("cannot renew the lease", {{"error", ours.error()}});
    tell_observed(callbacks);
    if (!ours) continue;
    const std::lock_guard lock(mutex_);
    if (*ours) {
      renewed_at_ = began;
    } else {
      usurped_ = true;
    }
    changed_.notify_all();
    if (!*ours) return;
  }
}

// Watches the renewals from its own thread, so that a request that hangs cannot keep a leader in office.
bool LeaderElection::keep(const std::stop_token& stop) {
  const std::stop_callback on_stop(stop, [this] {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
  });
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const MonotonicTime deadline = renewed_at_ + options_.renew_deadline;
    if (usurped_ || clock_.now() >= deadline) return false;
    clock_.wait_until(lock, changed_, deadline);
  }
  return true;
}

Status LeaderElection::run(const Callbacks& callbacks, std::stop_token stop) {
  if (!acquire(callbacks, stop)) return {};
  usurped_ = false;
  leading_ = true;
  logger_.info("leading", {{"lease", options_.lease.to_string()}, {"identity", options_.identity}});
  if (callbacks.on_started) callbacks.on_started();

  bool kept = false;
  {
    const std::jthread renewer([this, &callbacks](const std::stop_token& done) { renew(callbacks, done); });
    kept = keep(stop);
    leading_ = false;
    if (!kept && callbacks.on_lost) callbacks.on_lost();
  }
  if (kept) {
    release();
    return {};
  }
  return fail(Code::kAborted, "leadership was lost", options_.lease.to_string(), Retry::backoff());
}

}  // namespace otlpipe::runtime
