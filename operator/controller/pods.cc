#include "operator/controller/pods.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include <nlohmann/json.hpp>

#include "operator/api/text.h"
#include "operator/render/context.h"

namespace otlpipe::controller {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxMessage = 300;

// Waiting for these is not trouble.
bool is_normal_wait(std::string_view reason) {
  static constexpr std::array<std::string_view, 3> kNormal = {"", "ContainerCreating", "PodInitializing"};
  return std::ranges::find(kNormal, reason) != kNormal.end();
}

// The last line that says something, cut to a sane length.
std::string one_line(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) {
    text.remove_suffix(1);
  }
  if (const auto newline = text.rfind('\n'); newline != std::string_view::npos) {
    text.remove_prefix(newline + 1);
  }
  return api::cut(text, kMaxMessage);
}

std::string termination(const json& terminated) {
  std::string text = "exit code " + std::to_string(kube::find_int(terminated, "exitCode", -1));
  if (const auto reason = kube::find_string(terminated, "reason"); !reason.empty() && reason != "Error") {
    text += " (" + std::string(reason) + ")";
  }
  if (const std::string message = one_line(kube::find_string(terminated, "message")); !message.empty()) {
    text += ": " + message;
  }
  return text;
}

std::optional<PodTrouble> container_trouble(const json& pod) {
  const json* statuses = kube::find(pod, "status.containerStatuses");
  if (statuses == nullptr || !statuses->is_array()) {
    return std::nullopt;
  }
  const std::string name(kube::name(pod));
  for (const json& status : *statuses) {
    const auto waiting = kube::find_string(status, "state.waiting.reason");
    const json* last = kube::find(status, "lastState.terminated");
    if (!is_normal_wait(waiting)) {
      std::string message = last != nullptr && waiting == "CrashLoopBackOff"
                                ? termination(*last)
                                : one_line(kube::find_string(status, "state.waiting.message"));
      return PodTrouble{name, std::string(waiting), std::move(message)};
    }
    if (const json* ended = kube::find(status, "state.terminated")) {
      return PodTrouble{name, "Terminated", termination(*ended)};
    }
    if (last != nullptr && !status.value("ready", false)) {
      return PodTrouble{name, "Restarted", termination(*last)};
    }
  }
  return std::nullopt;
}

std::optional<PodTrouble> trouble_of(const json& pod) {
  if (kube::find_string(pod, "status.phase") == "Failed") {
    return PodTrouble{std::string(kube::name(pod)), std::string(kube::find_string(pod, "status.reason")),
                      one_line(kube::find_string(pod, "status.message"))};
  }
  const json* conditions = kube::find(pod, "status.conditions");
  if (conditions != nullptr && conditions->is_array()) {
    for (const json& condition : *conditions) {
      if (kube::find_string(condition, "type") == "PodScheduled" &&
          kube::find_string(condition, "status") == "False") {
        return PodTrouble{std::string(kube::name(pod)), std::string(kube::find_string(condition, "reason")),
                          one_line(kube::find_string(condition, "message"))};
      }
    }
  }
  return container_trouble(pod);
}

}  // namespace

std::vector<PodTrouble> pod_troubles(const std::vector<kube::ObjectPtr>& pods) {
  std::vector<PodTrouble> troubles;
  for (const kube::ObjectPtr& pod : pods) {
    if (kube::is_deleting(*pod)) {
      continue;
    }
    if (auto trouble = trouble_of(*pod)) {
      troubles.push_back(std::move(*trouble));
    }
  }
  std::ranges::sort(troubles, {}, &PodTrouble::pod);
  return troubles;
}

std::string describe(const std::vector<PodTrouble>& troubles) {
  if (troubles.empty()) {
    return "";
  }
  const PodTrouble& first = troubles.front();
  std::string text = "pod " + first.pod + ": " + first.reason;
  if (!first.message.empty()) {
    text += ": " + first.message;
  }
  if (troubles.size() > 1) {
    text += " (and " + std::to_string(troubles.size() - 1) + " more pods)";
  }
  return text;
}

void strip_pod(json& pod) {
  json slim = {{"apiVersion", "v1"}, {"kind", "Pod"}};
  for (const char* field : {"name", "namespace", "uid", "resourceVersion", "labels", "ownerReferences",
                            "deletionTimestamp", "creationTimestamp"}) {
    if (pod.contains("metadata") && pod["metadata"].contains(field)) {
      slim["metadata"][field] = pod["metadata"][field];
    }
  }
  if (const auto limit = kube::annotation(pod, render::kMemoryLimitAnnotation); !limit.empty()) {
    slim["metadata"]["annotations"][std::string(render::kMemoryLimitAnnotation)] = limit;
  }
  if (const json* containers = kube::find(pod, "spec.containers");
      containers != nullptr && containers->is_array()) {
    for (const json& container : *containers) {
      json slim_container;
      for (const char* field : {"name", "image", "ports", "resources"}) {
        if (container.contains(field)) {
          slim_container[field] = container[field];
        }
      }
      slim["spec"]["containers"].push_back(std::move(slim_container));
    }
  }
  for (const char* field : {"phase", "reason", "message", "conditions", "containerStatuses"}) {
    if (pod.contains("status") && pod["status"].is_object() && pod["status"].contains(field)) {
      slim["status"][field] = pod["status"][field];
    }
  }
  pod = std::move(slim);
}

}  // namespace otlpipe::controller
