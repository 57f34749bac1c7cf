#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/time/clock.h"
#include "operator/kube/object.h"
#include "operator/render/context.h"

namespace otlpipe::controller {

// One child within a pipeline's namespace.
struct ChildId {
  kube::Resource resource;
  std::string name;
  std::string to_string() const { return resource.kind + " " + name; }
  auto operator<=>(const ChildId&) const = default;
};
ChildId id_of(const render::Child& child);

// What was applied last, in this process: what was said, and what the server made of it (it normalises
// quantities and the like). A new process knows nothing and applies everything once.
struct Applied {
  nlohmann::json said;
  nlohmann::json became;  // project(said, answer)
  MonotonicTime at;
};
using AppliedMemory = std::map<ChildId, Applied>;

struct Action {
  enum class Kind {
    kCreate,    // apply, and there is none yet
    kUpdate,    // apply
    kHandOver,  // give spec.replicas to another field manager, then apply
    kDelete,    // no longer wanted
  };
  Kind kind;
  ChildId id;
  nlohmann::json object = {};  // to apply; for kDelete null
  std::string uid = {};        // of the existing object
};

struct Plan {
  std::vector<Action> actions;
  // Objects that have a child's name and are not this pipeline's: they are left alone, and so is the child.
  std::vector<std::string> conflicts;
  // Somebody changed a child twice within a short time; it is put right again a little later.
  bool postponed = false;
};

// The least time between two applies of the same content, should another controller fight over it.
inline constexpr Duration kFightPause = std::chrono::seconds(5);

struct PlanInput {
  std::vector<render::Child> desired = {};
  std::map<ChildId, kube::ObjectPtr> mine = {};  // controlled by the pipeline's uid
  std::set<ChildId> foreign = {};                // of the desired ones: exists, and is somebody else's
  std::set<ChildId> keep = {};                   // not desired, but not to be deleted either
  bool deletes = true;                           // false: leave what is no longer wanted
};

// What to do, in the order in which to do it. Pure.
Plan make_plan(const PlanInput& input, const AppliedMemory& memory, MonotonicTime now);

}  // namespace otlpipe::controller
