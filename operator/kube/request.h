#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "common/base/result.h"
#include "operator/kube/client.h"

namespace otlpipe::kube {

// One HTTP request as the API server wants it. The target is encoded already.
struct Request {
  std::string method;
  std::string path;        // "/api/v1/namespaces/ns/configmaps/name"
  std::string query = {};  // "limit=500&continue=…", without the question mark
  std::string body = {};   // JSON
  std::string content_type = {};

  std::string target() const { return query.empty() ? path : path + "?" + query; }
};

// From verbs to requests. Pure. kInvalidArgument for a missing name or namespace and for names that would
// change the path (the API server would refuse them as well).
Result<Request> get_request(const Resource& resource, const ObjectKey& key);
Result<Request> list_request(const Resource& resource, const ListOptions& options);
Result<Request> watch_request(const Resource& resource, const WatchOptions& options);
Result<Request> create_request(const Resource& resource, const nlohmann::json& object);
Result<Request> update_request(const Resource& resource, const nlohmann::json& object);
Result<Request> apply_request(const Resource& resource, const nlohmann::json& object,
                              const ApplyOptions& options);
Result<Request> patch_request(const Resource& resource, const ObjectKey& key,
                              const nlohmann::json& merge_patch, std::string_view subresource);
Result<Request> delete_request(const Resource& resource, const ObjectKey& key, const DeleteOptions& options);

std::string percent_encode(std::string_view text);

}  // namespace otlpipe::kube
