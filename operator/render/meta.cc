#include "operator/render/meta.h"

namespace otlpipe::render {

Labels selector_labels(std::string_view pipeline) {
  return {{"app.kubernetes.io/instance", std::string(pipeline)},
          {"app.kubernetes.io/managed-by", std::string(kManagedBy)},
          {"app.kubernetes.io/name", "otlpipe-worker"}};
}

std::string selector_text(std::string_view pipeline) {
  std::string text;
  for (const auto& [key, value] : selector_labels(pipeline)) {
    text += (text.empty() ? "" : ",") + key + "=" + value;
  }
  return text;
}

Labels pod_labels(std::string_view pipeline) {
  Labels labels = selector_labels(pipeline);
  labels["app.kubernetes.io/component"] = "worker";
  labels["app.kubernetes.io/part-of"] = "otlpipe";
  return labels;
}

Labels child_labels(std::string_view pipeline, std::string_view version) {
  Labels labels = pod_labels(pipeline);
  labels["app.kubernetes.io/version"] = version;
  return labels;
}

std::string config_map_name(std::string_view pipeline) {
  return std::string(pipeline) + "-config";
}

std::string history_name(std::string_view pipeline, std::string_view hash) {
  return config_map_name(pipeline) + "-" + std::string(hash.substr(0, 12));
}

std::string headless_name(std::string_view pipeline) {
  return std::string(pipeline) + "-headless";
}

nlohmann::json new_child(const kube::Resource& resource, std::string name, const Pipeline& pipeline,
                         const Release& release) {
  nlohmann::json owner = {{"apiVersion", pipeline.api_version},
                          {"kind", pipeline.kind},
                          {"name", pipeline.name},
                          {"uid", pipeline.uid},
                          {"controller", true},
                          {"blockOwnerDeletion", true}};
  return {{"apiVersion", resource.api_version()},
          {"kind", resource.kind},
          {"metadata",
           {{"name", std::move(name)},
            {"namespace", pipeline.ns},
            {"labels", child_labels(pipeline.name, release.version)},
            {"ownerReferences", nlohmann::json::array({std::move(owner)})}}}};
}

}  // namespace otlpipe::render
