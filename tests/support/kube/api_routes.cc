#include "tests/support/kube/api_routes.h"

#include <charconv>
#include <map>
#include <optional>

#include "operator/kube/resources.h"

namespace otlpipe::kube::testing {
namespace {

using Json = nlohmann::json;
using Query = std::map<std::string, std::string>;

struct Target {
  Resource resource;
  ObjectKey key;
  std::string subresource;
};

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto at = text.find(separator);
    if (at != 0) parts.emplace_back(text.substr(0, at));
    text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  }
  return parts;
}

std::string decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    int byte = 0;
    if (text[i] == '%' && i + 2 < text.size()) {
      std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16);
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

Query query_of(std::string_view text) {
  Query query;
  for (const std::string& pair : split(text, '&')) {
    const auto equals = pair.find('=');
    query[pair.substr(0, equals)] = equals == std::string::npos ? "" : decode(pair.substr(equals + 1));
  }
  return query;
}

std::optional<Resource> resource_of(const std::string& group, const std::string& plural) {
  for (const Resource& resource :
       {config_maps(), secrets(), services(), service_accounts(), pods(), namespaces(), deployments(),
        leases(), events(), horizontal_pod_autoscalers(), pod_disruption_budgets(),
        Resource{"otlpipe.io", "v1alpha1", "otlppipelines", "OtlpPipeline"}}) {
    if (resource.group == group && resource.plural == plural) return resource;
  }
  return std::nullopt;
}

std::optional<Target> target_of(const std::string& path) {
  auto parts = split(path, '/');
  std::string group;
  std::size_t at = 2;  // api/v1
  if (parts.size() > 2 && parts[0] == "apis") {
    group = parts[1];
    at = 3;
  } else if (parts.empty() || parts[0] != "api") {
    return std::nullopt;
  }
  Target target;
  if (parts.size() > at + 2 && parts[at] == "namespaces") {
    target.key.ns = parts[at + 1];
    at += 2;
  }
  if (parts.size() <= at) return std::nullopt;
  const auto resource = resource_of(group, parts[at]);
  if (!resource) return std::nullopt;
  target.resource = *resource;
  if (parts.size() > at + 1) target.key.name = parts[at + 1];
  if (parts.size() > at + 2) target.subresource = parts[at + 2];
  return target;
}

RouteReply reply_error(const Error& error) {
  switch (error.code) {
    case Code::kNotFound:
      return {404, status_body(404, "NotFound", error.message)};
    case Code::kAlreadyExists:
      return {409, status_body(409, "AlreadyExists", error.message)};
    case Code::kAborted:
      return {409, status_body(409, "Conflict", error.message)};
    case Code::kOutOfRange:
      return {410, status_body(410, "Expired", error.message)};
    case Code::kInvalidArgument:
      return {422, status_body(422, "Invalid", error.message)};
    case Code::kPermissionDenied:
      return {403, status_body(403, "Forbidden", error.message)};
    case Code::kUnavailable:
      return {503, status_body(503, "ServiceUnavailable", error.message)};
    default:
      return {500, status_body(500, "InternalError", error.message)};
  }
}

RouteReply reply(const Result<Json>& result) {
  if (!result) return reply_error(result.error());
  return {200, result->dump()};
}

std::string event_line(WatchEventType type, const Json& object) {
  const char* word = type == WatchEventType::kAdded      ? "ADDED"
                     : type == WatchEventType::kModified ? "MODIFIED"
                     : type == WatchEventType::kDeleted  ? "DELETED"
                                                         : "BOOKMARK";
  return Json{{"type", word}, {"object", object}}.dump() + "\n";
}

RouteReply watch(FakeClient& fake, const Target& target, Query& query, const std::function<void()>& begin,
                 const std::function<void(std::string)>& line, const std::stop_token& stop) {
  WatchOptions options;
  options.ns = target.key.ns;
  options.label_selector = query["labelSelector"];
  options.field_selector = query["fieldSelector"];
  options.resource_version = query["resourceVersion"];
  options.bookmarks = query["allowWatchBookmarks"] == "true";
  begin();
  const Status ended = fake.watch(
      target.resource, options,
      [&line](WatchEventType type, Json&& object) { line(event_line(type, object)); }, stop);
  if (!ended && ended.error().code != Code::kCancelled) {
    line("{\"type\":\"ERROR\",\"object\":" + reply_error(ended.error()).body + "}\n");
  }
  return {};
}

RouteReply read(FakeClient& fake, const Target& target, Query& query) {
  if (!target.key.name.empty()) return reply(fake.get(target.resource, target.key));
  ListOptions options;
  options.ns = target.key.ns;
  options.label_selector = query["labelSelector"];
  options.field_selector = query["fieldSelector"];
  options.continue_token = query["continue"];
  options.limit = query["limit"].empty() ? 0 : std::stoi(query["limit"]);
  return reply(fake.list(target.resource, options));
}

RouteReply write(FakeClient& fake, const RouteRequest& request, const Target& target, Query& query) {
  const Json body = Json::parse(request.body, nullptr, false);
  if (body.is_discarded()) return {400, status_body(400, "BadRequest", "the body is not JSON")};
  if (request.method == "POST") return reply(fake.create(target.resource, body));
  if (request.method == "PUT") return reply(fake.update(target.resource, body));
  if (request.method == "PATCH" && request.content_type == "application/apply-patch+yaml") {
    ApplyOptions options{query["fieldManager"], query["force"] == "true", target.subresource,
                         query["dryRun"] == "All"};
    return reply(fake.apply(target.resource, body, options));
  }
  if (request.method == "PATCH" && request.content_type == "application/merge-patch+json") {
    return reply(fake.patch(target.resource, target.key, body, target.subresource));
  }
  if (request.method == "DELETE") {
    DeleteOptions options;
    options.uid = find_string(body, "preconditions.uid");
    options.resource_version = find_string(body, "preconditions.resourceVersion");
    const Status removed = fake.remove(target.resource, target.key, options);
    return removed ? RouteReply{200, R"({"kind":"Status","status":"Success"})"}
                   : reply_error(removed.error());
  }
  return {415, status_body(415, "UnsupportedMediaType", "unsupported: " + request.content_type)};
}

}  // namespace

std::string status_body(int http, const std::string& reason, const std::string& message) {
  return Json{{"kind", "Status"},   {"apiVersion", "v1"}, {"status", "Failure"},
              {"message", message}, {"reason", reason},   {"code", http}}
      .dump();
}

RouteReply route(FakeClient& fake, const RouteRequest& request, const std::function<void()>& begin,
                 const std::function<void(std::string)>& line, const std::stop_token& stop) {
  const auto question = request.target.find('?');
  const std::string path = request.target.substr(0, question);
  Query query = query_of(question == std::string::npos ? "" : request.target.substr(question + 1));
  const auto target = target_of(path);
  if (!target) return reply(fake.get_raw(path));
  if (query["watch"] == "true") return watch(fake, *target, query, begin, line, stop);
  return request.method == "GET" ? read(fake, *target, query) : write(fake, request, *target, query);
}

}  // namespace otlpipe::kube::testing
