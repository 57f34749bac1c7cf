#include "operator/render/pod_template.h"

#include <algorithm>
#include <array>

#include "operator/api/quantity.h"
#include "operator/render/deployment.h"
#include "operator/render/meta.h"
#include "operator/render/service_account.h"

namespace otlpipe::render {
namespace {

using nlohmann::json;

constexpr int kTokenSeconds = 3600;

json field_env(std::string_view name, std::string_view path) {
  return {{"name", name}, {"valueFrom", {{"fieldRef", {{"apiVersion", "v1"}, {"fieldPath", path}}}}}};
}

json probe(std::string_view path, int period, int failures) {
  return {{"httpGet", {{"path", path}, {"port", "metrics"}, {"scheme", "HTTP"}}},
          {"periodSeconds", period},
          {"timeoutSeconds", 3},
          {"failureThreshold", failures}};
}

void append_all(json& list, const json* more) {
  if (more != nullptr && more->is_array()) {
    list.insert(list.end(), more->begin(), more->end());
  }
}

// The user may bring a volume of his own for the data folder (a claim that outlives the pod).
bool brings_data_volume(const json& spec) {
  const json* mounts = kube::find(spec, "volumeMounts");
  return mounts != nullptr && mounts->is_array() && std::ranges::any_of(*mounts, [](const json& mount) {
           return kube::find_string(mount, "mountPath") == kDataFolder;
         });
}

json container(const Pipeline& pipeline, const Release& release) {
  const json& spec = pipeline.spec;
  const std::string_view image = kube::find_string(spec, "image");
  json env =
      json::array({field_env("POD_NAME", "metadata.name"), field_env("POD_NAMESPACE", "metadata.namespace"),
                   field_env("POD_UID", "metadata.uid")});
  append_all(env, kube::find(spec, "env"));
  json mounts = json::array({{{"name", "config"}, {"mountPath", kConfigFolder}, {"readOnly", true}},
                             {{"name", "control-token"}, {"mountPath", kTokenFolder}, {"readOnly", true}}});
  if (!brings_data_volume(spec)) {
    mounts.push_back({{"name", "data"}, {"mountPath", kDataFolder}});
  }
  append_all(mounts, kube::find(spec, "volumeMounts"));
  json result = {
      {"name", kWorkerContainer},
      {"image", image.empty() ? release.worker_image : std::string(image)},
      {"imagePullPolicy", "IfNotPresent"},
      {"args", json::array({"--config", std::string(kConfigFolder) + "/" + std::string(kConfigFile)})},
      {"env", std::move(env)},
      {"ports",
       json::array({{{"name", "metrics"}, {"containerPort", pipeline.metrics_port}, {"protocol", "TCP"}}})},
      {"volumeMounts", std::move(mounts)},
      {"startupProbe", probe("/livez", 1, 60)},
      {"livenessProbe", probe("/livez", 10, 3)},
      {"readinessProbe", probe("/readyz", 2, 2)},
      // The last line that a worker wrote before it died ends up in its pod's status, and from there in ours.
      {"terminationMessagePolicy", "FallbackToLogsOnError"},
      {"securityContext",
       {{"allowPrivilegeEscalation", false},
        {"readOnlyRootFilesystem", true},
        {"runAsNonRoot", true},
        {"capabilities", {{"drop", json::array({"ALL"})}}}}},
  };
  if (const json* resources = kube::find(spec, "resources")) {
    result["resources"] = *resources;
  }
  if (const json* security = kube::find(spec, "securityContext")) {
    result["securityContext"].update(*security);
  }
  return result;
}

json volumes(const Pipeline& pipeline) {
  json list = json::array({{{"name", "config"}, {"configMap", {{"name", config_map_name(pipeline.name)}}}},
                           {{"name", "control-token"},
                            {"projected",
                             {{"sources", json::array({{{"serviceAccountToken",
                                                         {{"audience", kTokenAudience},
                                                          {"expirationSeconds", kTokenSeconds},
                                                          {"path", kTokenFile}}}}})}}}}});
  if (!brings_data_volume(pipeline.spec)) {
    // Bounded, because a full node disk takes down everybody. Who writes more brings a volume of his own.
    list.push_back({{"name", "data"}, {"emptyDir", {{"sizeLimit", "1Gi"}}}});
  }
  append_all(list, kube::find(pipeline.spec, "volumes"));
  return list;
}

}  // namespace

std::string memory_limit_bytes(const json& spec) {
  const json* limit = kube::find(spec, "resources.limits.memory");
  const auto bytes = limit == nullptr ? std::nullopt : api::quantity_value(*limit);
  return bytes ? std::to_string(static_cast<std::int64_t>(*bytes)) : "none";
}

json pod_template(const Pipeline& pipeline, const Release& release) {
  const json& spec = pipeline.spec;
  json metadata;
  if (const json* labels = kube::find(spec, "podLabels")) {
    metadata["labels"] = *labels;
  }
  for (const auto& [key, value] : pod_labels(pipeline.name)) {
    metadata["labels"][key] = value;
  }
  if (const json* annotations = kube::find(spec, "podAnnotations")) {
    metadata["annotations"] = *annotations;
  }
  metadata["annotations"][std::string(kMemoryLimitAnnotation)] = memory_limit_bytes(spec);
  json pod = {
      {"serviceAccountName", service_account_name(pipeline)},
      {"automountServiceAccountToken", false},
      {"enableServiceLinks", false},
      {"securityContext", {{"runAsNonRoot", true}, {"seccompProfile", {{"type", "RuntimeDefault"}}}}},
      {"terminationGracePeriodSeconds",
       kube::find_int(spec, "terminationGracePeriodSeconds", kDefaultGracePeriodSeconds)},
      {"containers", json::array({container(pipeline, release)})},
      {"volumes", volumes(pipeline)},
  };
  static constexpr std::array kSameName = {"nodeSelector", "tolerations", "affinity",
                                           "topologySpreadConstraints", "priorityClassName"};
  for (const char* name : kSameName) {
    if (const json* value = kube::find(spec, name)) {
      pod[name] = *value;
    }
  }
  return {{"metadata", std::move(metadata)}, {"spec", std::move(pod)}};
}

}  // namespace otlpipe::render
