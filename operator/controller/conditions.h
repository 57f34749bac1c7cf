#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/time/clock.h"

namespace otlpipe::controller {

// One condition of the status, as metav1.Condition without its times.
struct Condition {
  std::string type;
  std::string status;  // "True", "False" or "Unknown"
  std::string reason;  // one CamelCase word
  std::string message;
  bool operator==(const Condition&) const = default;
  bool is_true() const { return status == "True"; }
  bool is_false() const { return status == "False"; }
};

// The JSON list for the status. lastTransitionTime moves only when a condition's status does; `previous` is
// the list as it is in the resource (may be null or nonsense).
nlohmann::json conditions_json(const std::vector<Condition>& conditions, const nlohmann::json& previous,
                               std::int64_t generation, WallTime now);

// A condition of such a list; all empty when it is not there.
Condition find_condition(const nlohmann::json& list, std::string_view type);

}  // namespace otlpipe::controller
