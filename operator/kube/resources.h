#pragma once

#include "operator/kube/object.h"

namespace otlpipe::kube {

// The kinds of Kubernetes itself that the operator reads or writes.
inline Resource config_maps() {
  return {"", "v1", "configmaps", "ConfigMap"};
}
inline Resource secrets() {
  return {"", "v1", "secrets", "Secret"};
}
inline Resource services() {
  return {"", "v1", "services", "Service"};
}
inline Resource service_accounts() {
  return {"", "v1", "serviceaccounts", "ServiceAccount"};
}
inline Resource pods() {
  return {"", "v1", "pods", "Pod"};
}
inline Resource namespaces() {
  return {"", "v1", "namespaces", "Namespace", false};
}
inline Resource persistent_volume_claims() {
  return {"", "v1", "persistentvolumeclaims", "PersistentVolumeClaim"};
}
inline Resource deployments() {
  return {"apps", "v1", "deployments", "Deployment"};
}
inline Resource stateful_sets() {
  return {"apps", "v1", "statefulsets", "StatefulSet"};
}
inline Resource daemon_sets() {
  return {"apps", "v1", "daemonsets", "DaemonSet"};
}
inline Resource horizontal_pod_autoscalers() {
  return {"autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler"};
}
inline Resource pod_disruption_budgets() {
  return {"policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget"};
}
inline Resource leases() {
  return {"coordination.k8s.io", "v1", "leases", "Lease"};
}
inline Resource events() {
  return {"events.k8s.io", "v1", "events", "Event"};
}
inline Resource custom_resource_definitions() {
  return {"apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false};
}

}  // namespace otlpipe::kube
