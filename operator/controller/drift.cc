#include "operator/controller/drift.h"

#include <array>
#include <set>
#include <string>

namespace otlpipe::controller {
namespace {

using nlohmann::json;

// What items of a list are told apart by: the first of these that all of them have, each with another value.
const char* key_of_items(const json& list) {
  static constexpr std::array kKeys = {"uid", "name", "mountPath", "containerPort", "port", "type", "key"};
  for (const char* key : kKeys) {
    std::set<std::string> seen;
    bool usable = true;
    for (const json& item : list) {
      usable = usable && item.is_object() && item.contains(key) && seen.insert(item.at(key).dump()).second;
    }
    if (usable) {
      return key;
    }
  }
  return nullptr;
}

json project_list(const json& shape, const json& value) {
  const char* key = shape.empty() ? nullptr : key_of_items(shape);
  if (key == nullptr) {
    if (shape.size() != value.size()) {
      return value;
    }
    json result = json::array();
    for (std::size_t i = 0; i < shape.size(); ++i) {
      result.push_back(project(shape[i], value[i]));
    }
    return result;
  }
  json result = json::array();
  for (const json& wanted : shape) {
    json match;
    for (const json& item : value) {
      if (item.is_object() && item.contains(key) && item.at(key) == wanted.at(key)) {
        match = project(wanted, item);
        break;
      }
    }
    result.push_back(std::move(match));
  }
  return result;
}

}  // namespace

json project(const json& shape, const json& value) {
  if (shape.is_object() && value.is_object()) {
    json result = json::object();
    for (const auto& [key, wanted] : shape.items()) {
      const auto found = value.find(key);
      result[key] = found == value.end() ? json() : project(wanted, *found);
    }
    return result;
  }
  if (shape.is_array() && value.is_array()) {
    return project_list(shape, value);
  }
  return value;
}

}  // namespace otlpipe::controller
