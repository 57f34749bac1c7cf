#include "tests/support/kube/field_ownership.h"

#include <array>
#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

namespace otlpipe::kube::testing {
namespace {

using Json = nlohmann::json;

// In order of preference; the first that every item has as a scalar is the list's key.
constexpr std::array<std::string_view, 8> kListKeys = {"containerPort", "mountPath", "name", "type",
                                                       "uid",           "port",      "ip",   "topologyKey"};

std::optional<std::string> list_key(const Json& list) {
  if (!list.is_array() || list.empty()) return std::nullopt;
  for (const std::string_view key : kListKeys) {
    bool all = true;
    for (const Json& item : list) {
      all = all && item.is_object() && item.contains(key) && !item.at(std::string(key)).is_structured();
    }
    if (all) return std::string(key);
  }
  return std::nullopt;
}

std::string item_segment(const std::string& key, const Json& item) {
  return 'k' + key + '\0' + item.at(key).dump();
}

void collect(const Json& value, FieldPath& path, FieldSet& out) {
  const auto key = list_key(value);
  if (value.is_object() && !value.empty()) {
    for (const auto& [name, item] : value.items()) {
      path.push_back('f' + name);
      collect(item, path, out);
      path.pop_back();
    }
  } else if (key) {
    for (const Json& item : value) {
      path.push_back(item_segment(*key, item));
      collect(item, path, out);
      path.pop_back();
    }
  } else {
    out.insert(path);
  }
}

// The item that a 'k' segment names, or nullptr.
Json* find_item(Json& list, const std::string& segment) {
  if (!list.is_array()) return nullptr;
  const std::string key = segment.substr(1, segment.find('\0') - 1);
  const std::string value = segment.substr(segment.find('\0') + 1);
  for (Json& item : list) {
    if (item.is_object() && item.contains(key) && item.at(key).dump() == value) return &item;
  }
  return nullptr;
}

Json* child(Json& value, const std::string& segment) {
  if (segment[0] == 'k') return find_item(value, segment);
  if (!value.is_object()) return nullptr;
  const auto it = value.find(segment.substr(1));
  return it == value.end() ? nullptr : &*it;
}

Json& make_child(Json& value, const std::string& segment) {
  if (Json* found = child(value, segment)) return *found;
  if (segment[0] == 'f') {
    if (!value.is_object()) value = Json::object();
    return value[segment.substr(1)];
  }
  if (!value.is_array()) value = Json::array();
  const auto nul = segment.find('\0');
  value.push_back({{segment.substr(1, nul - 1), Json::parse(segment.substr(nul + 1))}});
  return value.back();
}

void put(Json& root, const FieldPath& path, const Json& leaf) {
  Json* at = &root;
  for (const std::string& segment : path) at = &make_child(*at, segment);
  // "emptyDir: {}" says that the member is there, not that nothing may be in it.
  const bool keeps = leaf.is_object() && leaf.empty() && at->is_object();
  if (!keeps) *at = leaf;
}

bool is_hollow(const Json& value, const std::string& segment) {
  if (!value.is_structured()) return false;
  if (value.empty()) return true;
  // An item of which only its key is left.
  return segment[0] == 'k' && value.is_object() && value.size() == 1 &&
         value.contains(segment.substr(1, segment.find('\0') - 1));
}

void remove_child(Json& value, const std::string& segment) {
  if (segment[0] == 'f') {
    value.erase(segment.substr(1));
    return;
  }
  const Json* item = find_item(value, segment);
  if (item != nullptr) value.erase(value.begin() + (item - &value[0]));
}

// Whether the path ends in the member that names its list item. Such a member goes with its item, last.
bool is_item_key(const FieldPath& path) {
  if (path.size() < 2) return false;
  const std::string& item = path[path.size() - 2];
  return item[0] == 'k' && path.back().substr(1) == item.substr(1, item.find('\0') - 1);
}

// Removes the leaf and every parent that it leaves empty.
void prune(Json& value, const FieldPath& path, std::size_t depth) {
  Json* next = child(value, path[depth]);
  if (next == nullptr) return;
  if (depth + 1 == path.size()) {
    if (!is_item_key(path)) remove_child(value, path[depth]);
    return;
  }
  prune(*next, path, depth + 1);
  if (is_hollow(*next, path[depth])) remove_child(value, path[depth]);
}

}  // namespace

FieldSet leaves(const Json& value) {
  FieldSet out;
  FieldPath path;
  collect(value, path, out);
  out.erase(FieldPath{});
  return out;
}

const Json* look(const Json& root, const FieldPath& path) {
  Json* at = const_cast<Json*>(&root);  // only read below
  for (const std::string& segment : path) {
    at = child(*at, segment);
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::string print(const FieldPath& path) {
  std::string text;
  for (const std::string& segment : path) {
    const auto nul = segment.find('\0');
    text += segment[0] == 'f' ? "." + segment.substr(1)
                              : "[" + segment.substr(1, nul - 1) + "=" + segment.substr(nul + 1) + "]";
  }
  return text;
}

Status Ownership::apply(Json& object, const Json& wanted, const std::string& manager, bool force) {
  const FieldSet now = leaves(wanted);
  std::string conflicts;
  for (auto& [other, fields] : fields_) {
    if (other == manager) continue;
    for (const FieldPath& path : now) {
      if (!fields.contains(path)) continue;
      const Json* stored = look(object, path);
      if (stored != nullptr && *stored == *look(wanted, path)) continue;  // shared
      if (force) {
        fields.erase(path);
      } else {
        conflicts += (conflicts.empty() ? "" : ", ") + print(path) + " is owned by " + other;
      }
    }
  }
  if (!conflicts.empty()) return fail(Code::kAborted, "Apply failed with conflicts: " + conflicts, "", {});

  FieldSet& mine = fields_[manager];
  const FieldSet before = std::exchange(mine, now);
  for (const bool keys : {false, true}) {
    for (const FieldPath& path : before) {
      if (is_item_key(path) == keys && !now.contains(path) && owners(path).empty()) prune(object, path, 0);
    }
  }
  for (const FieldPath& path : now) put(object, path, *look(wanted, path));
  return {};
}

void Ownership::changed(const Json& before, const Json& after, const std::string& manager) {
  const FieldSet now = leaves(after);
  for (auto& [owner, fields] : fields_) {
    std::erase_if(fields,
                  [&](const FieldPath& path) { return !now.contains(path) && look(after, path) == nullptr; });
  }
  for (const FieldPath& path : now) {
    const Json* old = look(before, path);
    if (old != nullptr && *old == *look(after, path)) continue;
    for (auto& [owner, fields] : fields_) {
      if (owner != manager) fields.erase(path);
    }
    fields_[manager].insert(path);
  }
}

std::set<std::string> Ownership::owners(const FieldPath& path) const {
  std::set<std::string> result;
  for (const auto& [owner, fields] : fields_) {
    if (fields.contains(path)) result.insert(owner);
  }
  return result;
}

}  // namespace otlpipe::kube::testing
