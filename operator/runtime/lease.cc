#include <algorithm>
#include <string>

#include <nlohmann/json.hpp>

#include "common/time/duration.h"
#include "operator/kube/resources.h"
#include "operator/runtime/leader_election.h"

namespace otlpipe::runtime {
namespace {

using Json = nlohmann::json;

std::int64_t whole_seconds(Duration duration) {
  return std::max<std::int64_t>(1, std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

}  // namespace

LeaseDecision decide_lease(const Json* lease, LeaseView& view, const LeaderElectionOptions& options,
                           MonotonicTime now) {
  if (lease == nullptr) {
    view = {};
    return CreateLease{};
  }
  const std::string holder(kube::find_string(*lease, "spec.holderIdentity"));
  const std::string renew_time(kube::find_string(*lease, "spec.renewTime"));
  const std::int64_t transitions = kube::find_int(*lease, "spec.leaseTransitions");
  if (view.changed_at == MonotonicTime{} || holder != view.holder || renew_time != view.renew_time ||
      transitions != view.transitions) {
    // A holder's promise that makes no sense (none, negative) counts as ours.
    const std::int64_t promised = kube::find_int(*lease, "spec.leaseDurationSeconds");
    const Duration duration =
        promised > 0 && promised <= 3600 ? std::chrono::seconds(promised) : options.lease_duration;
    view = {holder, renew_time, transitions, now, duration};
  }
  if (holder == options.identity) return RenewLease{};
  if (holder.empty() || now >= view.changed_at + view.duration) return TakeLease{};
  return LeaveLease{};
}

Json lease_object(const Json* current, const LeaseDecision& decision, const LeaderElectionOptions& options,
                  WallTime now) {
  Json lease = current != nullptr ? *current : Json::object();
  lease["apiVersion"] = kube::leases().api_version();
  lease["kind"] = kube::leases().kind;
  lease["metadata"]["name"] = options.lease.name;
  lease["metadata"]["namespace"] = options.lease.ns;
  lease["metadata"].erase("managedFields");
  Json& spec = lease["spec"];
  const std::int64_t transitions = current != nullptr ? kube::find_int(*current, "spec.leaseTransitions") : 0;
  const std::string time = format_rfc3339_micro(now);
  if (!std::holds_alternative<RenewLease>(decision)) {
    spec["acquireTime"] = time;
    spec["leaseTransitions"] = std::holds_alternative<TakeLease>(decision) ? transitions + 1 : transitions;
  }
  spec["holderIdentity"] = options.identity;
  spec["leaseDurationSeconds"] = whole_seconds(options.lease_duration);
  spec["renewTime"] = time;
  return lease;
}

Json released_lease_object(const Json& current, WallTime now) {
  Json lease = current;
  lease["spec"]["holderIdentity"] = "";
  lease["spec"]["leaseDurationSeconds"] = 1;
  lease["spec"]["renewTime"] = format_rfc3339_micro(now);
  return lease;
}

}  // namespace otlpipe::runtime
