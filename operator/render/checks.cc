#include "operator/render/checks.h"

#include <algorithm>
#include <array>
#include <map>

#include "operator/render/meta.h"

namespace otlpipe::render {
namespace {

using nlohmann::json;

// The longest name of a child that is a DNS label is that of the headless Service.
constexpr std::size_t kMaxName = 63 - std::string_view("-headless").size();

bool is_service_name(std::string_view name) {
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto inner = [&](char c) { return lower(c) || (c >= '0' && c <= '9') || c == '-'; };
  return !name.empty() && lower(name.front()) && name.back() != '-' && std::ranges::all_of(name, inner);
}

void check_name(const std::string& name, std::vector<FieldProblem>& problems) {
  if (name.size() > kMaxName) {
    problems.push_back({"metadata.name", "is too long for its Services (" + std::to_string(name.size()) +
                                             " characters), at most " + std::to_string(kMaxName)});
  }
  if (!is_service_name(name)) {
    problems.push_back({"metadata.name",
                        "cannot name a Service: lower-case letters, digits and '-', starting with a letter"});
  }
}

void check_keys(const json& spec, const char* field, const Labels& ours,
                std::vector<FieldProblem>& problems) {
  const json* map = kube::find(spec, field);
  if (map == nullptr || !map->is_object()) {
    return;
  }
  for (const auto& [key, value] : map->items()) {
    if (ours.contains(key) || key.starts_with(kReservedPrefix)) {
      problems.push_back({"spec." + std::string(field) + "[" + key + "]", "is set by the operator itself"});
    }
  }
}

template <std::size_t N>
void check_list(const json& spec, const char* field, const char* key,
                const std::array<std::string_view, N>& ours, std::vector<FieldProblem>& problems) {
  const json* list = kube::find(spec, field);
  if (list == nullptr || !list->is_array()) {
    return;
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string_view value = kube::find_string(list->at(i), key);
    if (std::ranges::find(ours, value) != ours.end()) {
      problems.push_back({"spec." + std::string(field) + "[" + std::to_string(i) + "]." + key,
                          std::string(value) + " is used by the operator itself"});
    }
  }
}

std::string receiver_path(const json& spec, const std::string& name) {
  const json* list = kube::find(spec, "receivers");
  std::size_t index = 0;
  for (; list != nullptr && index < list->size(); ++index) {
    if (kube::find_string(list->at(index), "name") == name) break;
  }
  return "spec.receivers[" + std::to_string(index) + "]";
}

void check_ports(const Pipeline& pipeline, const std::vector<Port>& ports,
                 std::vector<FieldProblem>& problems) {
  std::map<std::uint16_t, std::string> taken{{pipeline.metrics_port, "telemetry.metrics"}};
  for (const Port& port : ports) {
    const auto [holder, fresh] = taken.try_emplace(port.port, port.receiver + "." + port.protocol);
    if (!fresh) {
      problems.push_back({receiver_path(pipeline.spec, port.receiver) + ".otlp." + port.protocol + ".port",
                          std::to_string(port.port) + " is already the port of " + holder->second});
    }
  }
}

}  // namespace

std::vector<FieldProblem> check(const Pipeline& pipeline, const std::vector<Port>& ports) {
  static constexpr std::array<std::string_view, 3> kEnv = {"POD_NAME", "POD_NAMESPACE", "POD_UID"};
  static constexpr std::array<std::string_view, 3> kVolumes = {"config", "control-token", "data"};
  static constexpr std::array<std::string_view, 2> kPaths = {kConfigFolder, kTokenFolder};
  std::vector<FieldProblem> problems;
  check_name(pipeline.name, problems);
  Labels reserved = child_labels(pipeline.name, "");
  check_keys(pipeline.spec, "podLabels", reserved, problems);
  check_keys(pipeline.spec, "podAnnotations", {}, problems);
  check_list(pipeline.spec, "env", "name", kEnv, problems);
  check_list(pipeline.spec, "volumes", "name", kVolumes, problems);
  check_list(pipeline.spec, "volumeMounts", "mountPath", kPaths, problems);
  check_ports(pipeline, ports, problems);
  return problems;
}

}  // namespace otlpipe::render
