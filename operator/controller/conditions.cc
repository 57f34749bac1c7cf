#include "operator/controller/conditions.h"

#include "common/time/duration.h"
#include "operator/api/text.h"
#include "operator/kube/object.h"

namespace otlpipe::controller {
namespace {

using nlohmann::json;

// The CRD's bound on a message.
constexpr std::size_t kMaxConditionMessage = 32768;

const json* entry_of(const json& list, std::string_view type) {
  if (!list.is_array()) {
    return nullptr;
  }
  for (const json& entry : list) {
    if (kube::find_string(entry, "type") == type) {
      return &entry;
    }
  }
  return nullptr;
}

}  // namespace

json conditions_json(const std::vector<Condition>& conditions, const json& previous, std::int64_t generation,
                     WallTime now) {
  json result = json::array();
  for (const Condition& condition : conditions) {
    const json* before = entry_of(previous, condition.type);
    std::string since = format_rfc3339(now);
    if (before != nullptr && kube::find_string(*before, "status") == condition.status &&
        !kube::find_string(*before, "lastTransitionTime").empty()) {
      since = kube::find_string(*before, "lastTransitionTime");
    }
    result.push_back({{"type", condition.type},
                      {"status", condition.status},
                      {"observedGeneration", generation},
                      {"lastTransitionTime", since},
                      {"reason", condition.reason},
                      {"message", api::cut(condition.message, kMaxConditionMessage)}});
  }
  return result;
}

Condition find_condition(const json& list, std::string_view type) {
  const json* entry = entry_of(list, type);
  if (entry == nullptr) {
    return {};
  }
  return {std::string(type), std::string(kube::find_string(*entry, "status")),
          std::string(kube::find_string(*entry, "reason")),
          std::string(kube::find_string(*entry, "message"))};
}

}  // namespace otlpipe::controller
