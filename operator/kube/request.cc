#include "operator/kube/request.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace otlpipe::kube {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kJsonType = "application/json";

class Query {
 public:
  Query& add(std::string_view key, std::string_view value) {
    if (!value.empty())
      text_.append(text_.empty() ? "" : "&").append(key).append("=").append(percent_encode(value));
    return *this;
  }
  std::string text() && { return std::move(text_); }

 private:
  std::string text_;
};

// Kubernetes names are DNS labels and the like; some kinds (RBAC) allow a colon.
bool is_path_segment(std::string_view text) {
  if (text.empty() || text == "." || text == "..") return false;
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c > 0x20 && c < 0x7f && c != '/' && c != '%' && c != '?' && c != '#' && c != '\\';
  });
}

Result<std::string> collection(const Resource& resource, std::string_view ns, bool namespace_needed) {
  if (resource.namespaced && ns.empty() && namespace_needed) {
    return fail(Code::kInvalidArgument, "a " + resource.kind + " needs a namespace", "metadata.namespace");
  }
  if (!ns.empty() && !is_path_segment(ns)) {
    return fail(Code::kInvalidArgument, "not a namespace's name", "metadata.namespace");
  }
  return resource.collection_path(ns);
}

Result<std::string> path_of(const Resource& resource, const ObjectKey& key,
                            std::string_view subresource = {}) {
  auto path = collection(resource, key.ns, true);
  if (!path) return path;
  if (!is_path_segment(key.name)) {
    return fail(Code::kInvalidArgument, key.name.empty() ? "a name is needed" : "not an object's name",
                "metadata.name");
  }
  path->append("/").append(key.name);
  if (!subresource.empty()) path->append("/").append(subresource);
  return path;
}

Result<Request> with_body(std::string method, Result<std::string> path, std::string query, const Json& body,
                          std::string_view content_type) {
  if (!path) return fail(std::move(path.error()));
  // Text that is not UTF-8 must not throw here; the server refuses what is left of it, if it matters.
  return Request{std::move(method), std::move(*path), std::move(query),
                 body.dump(-1, ' ', false, Json::error_handler_t::replace), std::string(content_type)};
}

template <typename Options>
Query selection(const Options& options) {
  Query query;
  query.add("labelSelector", options.label_selector).add("fieldSelector", options.field_selector);
  return query;
}

}  // namespace

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= 'a' && byte <= 'z') || byte == '-' || byte == '.' || byte == '_' ||
                       byte == '~';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    }
  }
  return out;
}

Result<Request> get_request(const Resource& resource, const ObjectKey& key) {
  auto path = path_of(resource, key);
  if (!path) return fail(std::move(path.error()));
  return Request{"GET", std::move(*path)};
}

Result<Request> list_request(const Resource& resource, const ListOptions& options) {
  auto path = collection(resource, options.ns, false);
  if (!path) return fail(std::move(path.error()));
  Query query = selection(options);
  if (options.limit > 0) query.add("limit", std::to_string(options.limit));
  query.add("continue", options.continue_token);
  // A continue token carries its version; both together are refused.
  if (options.continue_token.empty()) {
    query.add("resourceVersion", options.resource_version)
        .add("resourceVersionMatch", options.resource_version_match);
  }
  return Request{"GET", std::move(*path), std::move(query).text()};
}

Result<Request> watch_request(const Resource& resource, const WatchOptions& options) {
  auto path = collection(resource, options.ns, false);
  if (!path) return fail(std::move(path.error()));
  Query query = selection(options);
  query.add("watch", "true").add("resourceVersion", options.resource_version);
  if (options.bookmarks) query.add("allowWatchBookmarks", "true");
  query.add("timeoutSeconds", std::to_string(options.timeout.count()));
  return Request{"GET", std::move(*path), std::move(query).text()};
}

Result<Request> create_request(const Resource& resource, const Json& object) {
  return with_body("POST", collection(resource, name_space(object), true),
                   std::move(Query().add("fieldManager", kFieldManager)).text(), object, kJsonType);
}

Result<Request> update_request(const Resource& resource, const Json& object) {
  return with_body("PUT", path_of(resource, key_of(object)),
                   std::move(Query().add("fieldManager", kFieldManager)).text(), object, kJsonType);
}

Result<Request> apply_request(const Resource& resource, const Json& object, const ApplyOptions& options) {
  Query query;
  query.add("fieldManager", options.field_manager).add("force", options.force ? "true" : "false");
  if (options.dry_run) query.add("dryRun", "All");
  // The server parses the body as YAML, which JSON is.
  return with_body("PATCH", path_of(resource, key_of(object), options.subresource), std::move(query).text(),
                   object, "application/apply-patch+yaml");
}

Result<Request> patch_request(const Resource& resource, const ObjectKey& key, const Json& merge_patch,
                              std::string_view subresource) {
  return with_body("PATCH", path_of(resource, key, subresource),
                   std::move(Query().add("fieldManager", kFieldManager)).text(), merge_patch,
                   "application/merge-patch+json");
}

Result<Request> delete_request(const Resource& resource, const ObjectKey& key, const DeleteOptions& options) {
  Json body = {{"apiVersion", "v1"}, {"kind", "DeleteOptions"}};
  if (!options.propagation_policy.empty()) body["propagationPolicy"] = options.propagation_policy;
  if (!options.uid.empty()) body["preconditions"]["uid"] = options.uid;
  if (!options.resource_version.empty()) body["preconditions"]["resourceVersion"] = options.resource_version;
  return with_body("DELETE", path_of(resource, key), "", body, kJsonType);
}

}  // namespace otlpipe::kube
