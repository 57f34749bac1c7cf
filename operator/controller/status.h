#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/time/clock.h"
#include "operator/control/fleet.h"
#include "operator/controller/conditions.h"
#include "operator/kube/object.h"
#include "operator/render/checks.h"
#include "operator/render/context.h"

namespace otlpipe::controller {

// Everything that the status is made of. Values only.
struct StatusInput {
  const nlohmann::json& pipeline;  // the resource as it is, with its status
  WallTime now;

  // The configuration. `problems` not empty: the spec is refused, and what runs is the last good one.
  std::vector<render::FieldProblem> problems = {};
  std::string config_hash = {};
  std::vector<render::Port> ports = {};  // of what the workers run
  control::FleetReport fleet = {};

  // The children.
  kube::ObjectPtr deployment = {};  // null: none yet
  std::vector<kube::ObjectPtr> pods = {};
  std::vector<std::string> conflicts = {};  // "Service gateway"
  std::string apply_error = {};             // the first one
  bool paused = false;
  std::vector<std::string> pending = {};  // what a paused operator would do: "update Deployment gateway"

  // This operator has just started and workers have not had the time to come back: what it does not know yet
  // is not a reason to change the status.
  bool just_started = false;
};

// The whole status, ready to be applied. The same input gives the same output, and `now` shows only in
// conditions that changed.
nlohmann::json make_status(const StatusInput& input);

// The parts, for tests and for events.
Condition configuration_valid(const StatusInput& input);
Condition progressing(const StatusInput& input);
Condition available(const StatusInput& input);
Condition flow_healthy(const StatusInput& input);
Condition ready(const StatusInput& input, const std::vector<Condition>& others);
std::string phase(const StatusInput& input, const std::vector<Condition>& conditions);

// A configuration is on its way to the workers; within a second or so it will have arrived or not.
bool settling(const control::FleetReport& fleet);

}  // namespace otlpipe::controller
