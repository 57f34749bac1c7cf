#include "cli/environment.h"

#include <optional>

#include <google/protobuf/struct.pb.h>

#include "common/doc/path.h"
#include "otlpipe/v1alpha1/pipeline.pb.h"

namespace otlpipe::cli {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

const Value* find(const Struct& object, const char* key) {
  const auto found = object.fields().find(key);
  return found == object.fields().end() ? nullptr : &found->second;
}

std::string text(const Struct& object, const char* key) {
  const Value* value = find(object, key);
  return value ? value->string_value() : std::string();
}

// One way of saying where a value comes from.
struct Source {
  const PipelineInput& input;
  const KeyValues& secrets;
  const KeyValues& config_maps;

  std::optional<std::string> key(const KeyValues& values, const Struct& reference, const std::string& kind,
                                 std::string& why) const {
    const std::string name = text(reference, "name");
    const std::string key = text(reference, "key");
    const auto object = values.find(name);
    if (object == values.end()) {
      why = kind + " " + name + " is neither in the file nor in the folder of --values";
      return std::nullopt;
    }
    const auto value = object->second.find(key);
    if (value != object->second.end()) return value->second;
    why = kind + " " + name + " has no key " + key;
    return std::nullopt;
  }

  std::optional<std::string> field(const Struct& reference, std::string& why) const {
    const std::string path = text(reference, "fieldPath");
    if (path == "metadata.name") return input.name();
    if (path == "metadata.namespace") return input.name_space();
    if (path == "status.podIP" || path == "status.hostIP") return "127.0.0.1";
    why = "the field " + path + " of a pod has no value outside of Kubernetes";
    return std::nullopt;
  }

  // `optional_value`: whether its absence is fine.
  std::optional<std::string> from(const Struct& source, std::string& why, bool& optional_value) const {
    for (const auto& [kind, reference] : source.fields()) {
      const Struct& inner = reference.struct_value();
      const Value* flag = find(inner, "optional");
      optional_value = flag && flag->bool_value();
      if (kind == "secretKeyRef") return key(secrets, inner, "Secret", why);
      if (kind == "configMapKeyRef") return key(config_maps, inner, "ConfigMap", why);
      if (kind == "fieldRef") return field(inner, why);
      why = kind + " has no value outside of Kubernetes";
      return std::nullopt;
    }
    why = "says nothing";
    return std::nullopt;
  }
};

}  // namespace

std::map<std::string, std::string> environment_of(const PipelineInput& input, const KeyValues& secrets,
                                                  const KeyValues& config_maps,
                                                  std::vector<std::string>& errors) {
  std::map<std::string, std::string> out;
  const Source source{input, secrets, config_maps};
  const auto& spec = input.pipeline->spec();
  const std::string list = doc::path_of_key(doc::path_of_key(input.root_path, "spec"), "env");
  for (int i = 0; i < spec.env_size(); ++i) {
    const Struct& variable = spec.env(i);
    const std::string path = doc::path_of_index(list, static_cast<std::size_t>(i));
    const std::string name = text(variable, "name");
    if (name.empty()) {
      errors.push_back(input.line({path + ".name", "is required"}));
      continue;
    }
    const Value* from = find(variable, "valueFrom");
    if (from == nullptr) {
      out[name] = text(variable, "value");
      continue;
    }
    std::string why;
    bool optional_value = false;
    if (auto value = source.from(from->struct_value(), why, optional_value)) {
      out[name] = std::move(*value);
    } else if (!optional_value) {
      errors.push_back(input.line({path + ".valueFrom", why}));
    }
  }
  return out;
}

}  // namespace otlpipe::cli
