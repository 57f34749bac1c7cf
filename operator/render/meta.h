#pragma once

#include <map>
#include <string>
#include <string_view>

#include "operator/render/context.h"

namespace otlpipe::render {

using Labels = std::map<std::string, std::string>;

inline constexpr std::string_view kManagedBy = "otlpipe-operator";
// Selects everything that any operator of this kind created; for watches.
inline constexpr std::string_view kManagedBySelector = "app.kubernetes.io/managed-by=otlpipe-operator";

// What the workers of a pipeline are found by. Never changes while the pipeline lives (selectors are
// immutable), so no version in it.
Labels selector_labels(std::string_view pipeline);
// The same as text, for the scale subresource.
std::string selector_text(std::string_view pipeline);
// All of them, for the metadata of a child.
Labels child_labels(std::string_view pipeline, std::string_view version);
// For pods: no version, so that an upgrade of the operator alone rolls nothing.
Labels pod_labels(std::string_view pipeline);

// Names of children.
std::string config_map_name(std::string_view pipeline);
std::string history_name(std::string_view pipeline, std::string_view hash);
std::string headless_name(std::string_view pipeline);

// apiVersion, kind and metadata of a child: name, namespace, labels, the one controlling owner.
nlohmann::json new_child(const kube::Resource& resource, std::string name, const Pipeline& pipeline,
                         const Release& release);

}  // namespace otlpipe::render
