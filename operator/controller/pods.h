#pragma once

#include <string>
#include <vector>

#include "operator/kube/object.h"

namespace otlpipe::controller {

// Why a pod does not do its work.
struct PodTrouble {
  std::string pod;
  std::string reason;   // as Kubernetes calls it: ImagePullBackOff, CrashLoopBackOff, Unschedulable, …
  std::string message;  // one line for people
  bool operator==(const PodTrouble&) const = default;
};

// The troubles that pods' statuses tell of, at most one a pod. Pods that end are left out.
std::vector<PodTrouble> pod_troubles(const std::vector<kube::ObjectPtr>& pods);

// "pod gateway-abc: ImagePullBackOff: …", and how many more.
std::string describe(const std::vector<PodTrouble>& troubles);

// Drops what the operator never reads of a pod, so that a large cluster fits into a small cache.
void strip_pod(nlohmann::json& pod);

}  // namespace otlpipe::controller
