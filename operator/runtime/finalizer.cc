#include "operator/runtime/finalizer.h"

#include <algorithm>
#include <vector>

#include <nlohmann/json.hpp>

namespace otlpipe::runtime {
namespace {

Result<nlohmann::json> write(kube::Client& client, const kube::Resource& resource,
                             const nlohmann::json& object, const std::vector<std::string>& finalizers) {
  // A merge patch replaces the whole list, so the version guards what others put there in the meantime.
  const nlohmann::json patch = {
      {"metadata", {{"resourceVersion", kube::resource_version(object)}, {"finalizers", finalizers}}}};
  return client.patch(resource, kube::key_of(object), patch, "");
}

}  // namespace

bool has_finalizer(const nlohmann::json& object, std::string_view finalizer) {
  const auto all = kube::finalizers(object);
  return std::find(all.begin(), all.end(), finalizer) != all.end();
}

Result<nlohmann::json> add_finalizer(kube::Client& client, const kube::Resource& resource,
                                     const nlohmann::json& object, std::string_view finalizer) {
  if (has_finalizer(object, finalizer) || kube::is_deleting(object)) return object;
  auto all = kube::finalizers(object);
  all.emplace_back(finalizer);
  return write(client, resource, object, all);
}

Result<nlohmann::json> remove_finalizer(kube::Client& client, const kube::Resource& resource,
                                        const nlohmann::json& object, std::string_view finalizer) {
  if (!has_finalizer(object, finalizer)) return object;
  auto all = kube::finalizers(object);
  std::erase(all, finalizer);
  auto written = write(client, resource, object, all);
  if (!written && written.error().code == Code::kNotFound) return object;
  return written;
}

}  // namespace otlpipe::runtime
