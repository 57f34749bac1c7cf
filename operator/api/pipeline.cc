#include "operator/api/pipeline.h"

#include <nlohmann/json.hpp>

#include "common/tls/digest.h"

namespace otlpipe::api {
namespace {

using nlohmann::json;

constexpr std::uint16_t kDefaultMetricsPort = 8888;

std::uint16_t port_of(const json& server) {
  const std::int64_t port = kube::find_int(server, "port");
  return port > 0 && port <= 65535 ? static_cast<std::uint16_t>(port) : 0;
}

std::vector<Listener> listeners_of(const json& config) {
  std::vector<Listener> listeners;
  const json* receivers = kube::find(config, "receivers");
  if (receivers == nullptr || !receivers->is_array()) {
    return listeners;
  }
  for (const json& receiver : *receivers) {
    for (const char* protocol : {"grpc", "http"}) {
      const json* server = kube::find(receiver, std::string("otlp.") + protocol);
      if (server != nullptr && port_of(*server) != 0) {
        listeners.push_back({std::string(kube::find_string(receiver, "name")), protocol, port_of(*server)});
      }
    }
  }
  return listeners;
}

}  // namespace

DataPlane read_data_plane(std::string text) {
  DataPlane result;
  result.hash = tls::sha256_hex(text);
  const json config = json::parse(text, nullptr, false);
  if (!config.is_discarded()) {
    result.listeners = listeners_of(config);
    const json* metrics = kube::find(config, "telemetry.metrics");
    result.metrics_port = metrics == nullptr ? 0 : port_of(*metrics);
  }
  if (result.metrics_port == 0) {
    result.metrics_port = kDefaultMetricsPort;
  }
  result.json = std::move(text);
  return result;
}

}  // namespace otlpipe::api
