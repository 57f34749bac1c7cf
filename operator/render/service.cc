#include "operator/render/service.h"

#include "operator/kube/resources.h"
#include "operator/render/meta.h"

namespace otlpipe::render {
namespace {

constexpr std::size_t kMaxPortName = 63;

nlohmann::json port_of(std::string name, int number, std::string_view app_protocol) {
  return {{"name", std::move(name)},
          {"port", number},
          {"targetPort", number},
          {"protocol", "TCP"},
          {"appProtocol", app_protocol}};
}

// "kubernetes.io/h2c" is HTTP/2 without TLS, KEP-3726; service meshes and gateways go by it.
std::string_view app_protocol(const Port& port) {
  return port.protocol == "grpc" ? "kubernetes.io/h2c" : "http";
}

Child render_service(std::string name, const Pipeline& pipeline, const Configuration& configuration,
                     const Release& release) {
  Child child{kube::services(), new_child(kube::services(), std::move(name), pipeline, release)};
  nlohmann::json ports = nlohmann::json::array();
  for (const Port& port : configuration.ports) {
    ports.push_back(port_of(port_name(port), port.port, app_protocol(port)));
  }
  child.object["spec"] = {{"selector", selector_labels(pipeline.name)}, {"ports", std::move(ports)}};
  return child;
}

}  // namespace

std::string port_name(const Port& port) {
  const std::string suffix = "-" + port.protocol;
  if (port.receiver.size() + suffix.size() <= kMaxPortName) {
    return port.receiver + suffix;
  }
  // A name that had to be cut carries the number, which is unique within a pipeline.
  const std::string tail = "-" + std::to_string(port.port) + suffix;
  return port.receiver.substr(0, kMaxPortName - tail.size()) + tail;
}

Child service(const Pipeline& pipeline, const Configuration& configuration, const Release& release) {
  Child child = render_service(pipeline.name, pipeline, configuration, release);
  child.object["spec"]["type"] = "ClusterIP";
  return child;
}

Child headless_service(const Pipeline& pipeline, const Configuration& configuration, const Release& release) {
  Child child = render_service(headless_name(pipeline.name), pipeline, configuration, release);
  child.object["spec"]["clusterIP"] = "None";
  child.object["spec"]["ports"].push_back(port_of("metrics", pipeline.metrics_port, "http"));
  return child;
}

}  // namespace otlpipe::render
