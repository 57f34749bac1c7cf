#include "operator/app/settings.h"

#include <algorithm>
#include <array>

#include <arpa/inet.h>

#include "operator/render/context.h"

namespace otlpipe::app {
namespace {

constexpr std::string_view kService = "otlpipe-operator";

std::string host_of(const std::string& endpoint) {
  const auto colon = endpoint.rfind(':');
  std::string host = endpoint.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  return host;
}

bool is_ip(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

}  // namespace

api::ControlSettings control_settings(const Options& options, const std::string& own_namespace) {
  api::ControlSettings settings;
  settings.endpoint = options.control_endpoint;
  if (settings.endpoint.empty()) {
    settings.endpoint =
        std::string(kService) + "." + own_namespace + ".svc:" + std::to_string(options.control.port);
  }
  settings.server_name = host_of(settings.endpoint);
  settings.ca_file = std::string(render::kConfigFolder) + "/" + std::string(render::kControlCaFile);
  settings.token_file = std::string(render::kTokenFolder) + "/" + std::string(render::kTokenFile);
  return settings;
}

control::CertificateOptions certificate_options(const Options& options, const std::string& own_namespace,
                                                const api::ControlSettings& control) {
  const std::string service = std::string(kService) + "." + own_namespace + ".svc";
  control::CertificateOptions result{.secret = {own_namespace, options.tls_secret},
                                     .dns_names = {service, service + ".cluster.local", "localhost"}};
  const std::string host = host_of(control.endpoint);
  if (is_ip(host)) {
    result.ip_addresses.push_back(host);
  } else if (std::ranges::find(result.dns_names, host) == result.dns_names.end()) {
    result.dns_names.push_back(host);
  }
  return result;
}

std::string worker_image(const Options& options, std::string_view version) {
  return options.worker_image.empty() ? "ghcr.io/otlpipe/otlpipe-worker:" + std::string(version)
                                      : options.worker_image;
}

}  // namespace otlpipe::app
