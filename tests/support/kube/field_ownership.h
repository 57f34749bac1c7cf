#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "common/base/result.h"

namespace otlpipe::kube::testing {

// Server-side apply in small, for the model of an API server. Objects merge field by field; lists of objects
// that all carry a known key ("name", "containerPort", "type", …) merge by it, other lists are one value.
// Good enough that a field which leaves the applied object leaves the stored one, and that other managers'
// fields stay. Not thread safe.

// One field: 'f' and a member's name, or 'k', the key member, NUL and the key's value for an item of a list.
using FieldPath = std::vector<std::string>;
using FieldSet = std::set<FieldPath>;

FieldSet leaves(const nlohmann::json& value);
const nlohmann::json* look(const nlohmann::json& root, const FieldPath& path);
// ".spec.containers[name=\"a\"].image"
std::string print(const FieldPath& path);

// Who owns what in one object.
class Ownership {
 public:
  // Brings `object` to what `manager` wants. kAborted names the fields that others own (unless `force`).
  Status apply(nlohmann::json& object, const nlohmann::json& wanted, const std::string& manager, bool force);

  // After a plain write: what changed belongs to `manager` now, what is gone belongs to nobody.
  void changed(const nlohmann::json& before, const nlohmann::json& after, const std::string& manager);

  // The owners of a field, for assertions.
  std::set<std::string> owners(const FieldPath& path) const;

 private:
  std::map<std::string, FieldSet> fields_;
};

}  // namespace otlpipe::kube::testing
