#include "operator/kube/kubeconfig.h"

#include <filesystem>
#include <map>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/doc/document.h"
#include "common/doc/reader.h"
#include "operator/kube/object.h"

namespace otlpipe::kube {
namespace {

using Json = nlohmann::json;
using Part = SelectedContext::Part;
using Parts = std::map<std::string, Part>;

struct Merged {
  std::string current_context;
  Parts contexts;
  Parts clusters;
  Parts users;
};

// `list` is "clusters", `member` is "cluster".
Status merge_list(const Json& root, const std::string& list, const std::string& member,
                  const std::string& file, Parts& into) {
  const auto found = root.find(list);
  if (found == root.end() || found->is_null()) return {};
  if (!found->is_array()) return fail(Code::kInvalidArgument, "must be a list", file + ": " + list);
  for (std::size_t i = 0; i < found->size(); ++i) {
    const Json& entry = (*found)[i];
    const std::string where = file + ": " + list + "[" + std::to_string(i) + "]";
    const std::string name(find_string(entry, "name"));
    if (name.empty()) return fail(Code::kInvalidArgument, "needs a name", where);
    const Json* value = find(entry, member);
    if (value != nullptr && !value->is_object() && !value->is_null()) {
      return fail(Code::kInvalidArgument, "must be a mapping", where + "." + member);
    }
    const bool filled = value != nullptr && value->is_object();
    into.emplace(name, Part{name, file + ": " + list + "[" + name + "]." + member,
                            std::make_shared<const Json>(filled ? *value : Json::object())});
  }
  return {};
}

Status merge_file(const KubeconfigFile& file, Merged& merged) {
  const auto documents = doc::parse_yaml(file.text, file.path);
  if (!documents) return fail(documents.error());
  if (documents->empty()) return {};  // an empty file is an empty configuration
  if (documents->size() > 1) return fail(Code::kInvalidArgument, "must be one YAML document", file.path);
  const Json& root = documents->front().root();
  if (!root.is_object())
    return fail(Code::kInvalidArgument, "is not a kubeconfig (a YAML mapping)", file.path);
  if (!kind(root).empty() && kind(root) != "Config") {
    return fail(Code::kInvalidArgument, "kind is \"" + std::string(kind(root)) + "\", not \"Config\"",
                file.path);
  }
  if (merged.current_context.empty()) merged.current_context = find_string(root, "current-context");
  for (const auto& [list, member, into] :
       {std::tuple{"contexts", "context", &merged.contexts},
        std::tuple{"clusters", "cluster", &merged.clusters}, std::tuple{"users", "user", &merged.users}}) {
    if (auto done = merge_list(root, list, member, file.path, *into); !done) return done;
  }
  return {};
}

std::string names_of(const Parts& parts) {
  std::string text;
  for (const auto& [name, part] : parts) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

Result<Part> pick(const Parts& parts, const std::string& name, const std::string& what,
                  const std::string& where) {
  const auto it = parts.find(name);
  if (it != parts.end()) return it->second;
  return fail(Code::kInvalidArgument,
              "there is no " + what + " \"" + name + "\" (there are: " + names_of(parts) + ")", where);
}

}  // namespace

std::string Part::where(std::string_view field) const {
  return file + (field.empty() ? "" : ".") + std::string(field);
}

Result<std::string> Part::text(std::string_view field) const {
  const auto it = value->find(field);
  if (it == value->end() || it->is_null()) return std::string();
  if (!it->is_string()) return fail(Code::kInvalidArgument, "must be text", where(field));
  return it->get<std::string>();
}

Result<bool> Part::flag(std::string_view field) const {
  const auto it = value->find(field);
  if (it == value->end() || it->is_null()) return false;
  if (!it->is_boolean()) return fail(Code::kInvalidArgument, "must be true or false", where(field));
  return it->get<bool>();
}

Result<std::string> Part::path(std::string_view field) const {
  auto path = text(field);
  if (!path || path->empty() || path->starts_with('/')) return path;
  // `file` is "PATH: users[NAME].user".
  const std::filesystem::path own(file.substr(0, file.find(": ")));
  return (own.parent_path() / *path).string();
}

Result<SelectedContext> select_context(const std::vector<KubeconfigFile>& files, std::string_view wanted) {
  Merged merged;
  std::string all;
  for (const KubeconfigFile& file : files) {
    if (auto done = merge_file(file, merged); !done) return fail(std::move(done.error()));
    all += (all.empty() ? "" : ":") + file.path;
  }
  const std::string name = wanted.empty() ? merged.current_context : std::string(wanted);
  if (name.empty()) {
    return fail(
        Code::kInvalidArgument,
        "no context is chosen: current-context is empty (there are: " + names_of(merged.contexts) + ")", all);
  }
  auto context = pick(merged.contexts, name, "context", all);
  if (!context) return fail(std::move(context.error()));
  const auto cluster_name = context->text("cluster");
  const auto user_name = context->text("user");
  if (!cluster_name) return fail(cluster_name.error());
  if (!user_name) return fail(user_name.error());
  auto cluster = pick(merged.clusters, *cluster_name, "cluster", context->where("cluster"));
  if (!cluster) return fail(std::move(cluster.error()));
  // Without a user the requests are anonymous.
  Result<Part> user = Part{"", all, std::make_shared<const Json>(Json::object())};
  if (!user_name->empty()) user = pick(merged.users, *user_name, "user", context->where("user"));
  if (!user) return fail(std::move(user.error()));
  return SelectedContext{std::move(*context), std::move(*cluster), std::move(*user)};
}

}  // namespace otlpipe::kube
