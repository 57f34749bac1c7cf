#include "operator/kube/config.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "operator/kube/base64.h"
#include "operator/kube/credentials.h"
#include "operator/kube/kubeconfig.h"
#include "operator/kube/tls_setup.h"
#include "operator/kube/user_credential.h"

namespace otlpipe::kube {
namespace {

constexpr std::string_view kServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount/";

std::string without_trailing_slashes(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> result;
  while (!text.empty()) {
    const auto colon = text.find(':');
    if (colon != 0) result.emplace_back(text.substr(0, colon));
    text = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  }
  return result;
}

// Files of a KUBECONFIG list may be missing, as long as one is there.
Result<ClusterConfig> from_files(const std::vector<std::string>& paths, bool one_needed,
                                 const ConfigOptions& options, const Host& host, const Clock& clock) {
  std::vector<KubeconfigFile> files;
  for (const std::string& path : paths) {
    auto text = host.read_file(path);
    if (text) {
      files.push_back({path, std::move(*text)});
    } else if (one_needed || text.error().code != Code::kNotFound) {
      return fail(std::move(text.error()));
    }
  }
  if (files.empty()) {
    return fail(Code::kNotFound, "none of the files of KUBECONFIG is there",
                paths.empty() ? "KUBECONFIG" : paths[0]);
  }
  return config_from_kubeconfig(files, options.context, host, clock);
}

}  // namespace

Result<std::string> data_or_file(const SelectedContext::Part& part, const std::string& field,
                                 const Host& host) {
  const auto data = part.text(field + "-data");
  if (!data) return data;
  if (!data->empty()) {
    auto decoded = decode_base64(*data);
    if (!decoded) decoded.error().where = part.where(field + "-data");
    return decoded;
  }
  const auto path = part.path(field);
  if (!path || path->empty()) return path;
  return host.read_file(*path);
}

Result<ClusterConfig> config_from_kubeconfig(const std::vector<KubeconfigFile>& files,
                                             std::string_view context, const Host& host, const Clock& clock) {
  const auto selected = select_context(files, context);
  if (!selected) return fail(selected.error());
  const SelectedContext::Part& cluster = selected->cluster;

  ClusterConfig config;
  config.origin = "context \"" + selected->context.name + "\" of " + files.front().path;
  auto server = cluster.text("server");
  auto ca = data_or_file(cluster, "certificate-authority", host);
  auto server_name = cluster.text("tls-server-name");
  auto ns = selected->context.text("namespace");
  auto proxy = cluster.text("proxy-url");
  for (auto* field : {&server, &ca, &server_name, &ns, &proxy}) {
    if (!*field) return fail(std::move(field->error()));
  }
  const auto insecure = cluster.flag("insecure-skip-tls-verify");
  if (!insecure) return fail(insecure.error());
  if (!proxy->empty()) {
    return fail(Code::kUnimplemented,
                "proxies are not supported yet; remove proxy-url or reach the server directly",
                cluster.where("proxy-url"));
  }
  if (!server->starts_with("https://") && !server->starts_with("http://")) {
    return fail(Code::kInvalidArgument, "must be an https:// (or http://) URL", cluster.where("server"));
  }
  if (auto usable = check_tls({.ca_pem = *insecure ? std::string() : *ca}); !usable) {
    return fail(Code::kInvalidArgument, usable.error().message, cluster.where("certificate-authority"));
  }
  config.server = without_trailing_slashes(std::move(*server));
  config.ca_pem = std::move(*ca);
  config.tls_server_name = std::move(*server_name);
  config.insecure_skip_tls_verify = *insecure;
  if (!ns->empty()) config.default_namespace = std::move(*ns);
  auto credentials = user_credential(*selected, config, host, clock);
  if (!credentials) return fail(std::move(credentials.error()));
  config.credentials = std::move(*credentials);
  return config;
}

Result<ClusterConfig> config_in_cluster(const Host& host, const Clock& clock) {
  auto address = host.environment("KUBERNETES_SERVICE_HOST");
  const auto port = host.environment("KUBERNETES_SERVICE_PORT");
  if (!address || address->empty() || !port || port->empty()) {
    return fail(Code::kNotFound,
                "not in a pod (KUBERNETES_SERVICE_HOST is not set) and no kubeconfig: set KUBECONFIG or "
                "--kubeconfig");
  }
  if (address->find(':') != std::string::npos) address = "[" + *address + "]";
  const std::string folder(kServiceAccount);
  auto ca = host.read_file(folder + "ca.crt");
  if (!ca) return fail(std::move(ca.error()));
  ClusterConfig config;
  config.server = "https://" + *address + ":" + *port;
  config.ca_pem = std::move(*ca);
  config.origin = "in-cluster";
  if (auto ns = host.read_file(folder + "namespace"); ns && !ns->empty())
    config.default_namespace = std::move(*ns);
  config.credentials = file_credential({.token = folder + "token"}, host, clock);
  if (auto first = config.credentials->get(); !first) return fail(std::move(first.error()));
  return config;
}

Result<ClusterConfig> load_config(const ConfigOptions& options, const Host& host, const Clock& clock) {
  if (!options.kubeconfig.empty()) return from_files({options.kubeconfig}, true, options, host, clock);
  if (const auto list = host.environment("KUBECONFIG"); list && !list->empty()) {
    return from_files(split_list(*list), false, options, host, clock);
  }
  auto in_cluster = config_in_cluster(host, clock);
  if (in_cluster || in_cluster.error().code != Code::kNotFound ||
      host.environment("KUBERNETES_SERVICE_HOST")) {
    return in_cluster;
  }
  if (const auto home = host.environment("HOME"); home && !home->empty()) {
    const std::string path = *home + "/.kube/config";
    if (auto text = host.read_file(path); text || text.error().code != Code::kNotFound) {
      return from_files({path}, true, options, host, clock);
    }
  }
  return in_cluster;
}

}  // namespace otlpipe::kube
