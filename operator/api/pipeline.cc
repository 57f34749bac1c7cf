#include "operator/api/pipeline.h"

#include "common/tls/digest.h"
#include "otlpipe/v1alpha1/pipeline.pb.h"
#include "otlpipe/v1alpha1/worker_config.pb.h"
#include "proto/schema/decode.h"
#include "proto/schema/encode.h"
#include "proto/schema/worker_config.h"

namespace otlpipe::api {
namespace {

using nlohmann::json;

constexpr std::uint16_t kDefaultMetricsPort = 8888;
constexpr int kReportSeconds = 5;

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

// Only what a user writes; a status of another release must not make a valid spec invalid.
json written_part(const json& object) {
  json result = json::object();
  for (const char* field : {"apiVersion", "kind", "metadata", "spec"}) {
    if (const json* value = kube::find(object, field)) {
      result[field] = *value;
    }
  }
  return result;
}

std::vector<FieldProblem> problems_of(const schema::FieldErrors& errors) {
  std::vector<FieldProblem> problems;
  for (const schema::FieldError& error : errors) {
    problems.push_back({error.path, error.message});
  }
  return problems;
}

void add_control(v1alpha1::WorkerConfig& config, const ControlSettings& settings) {
  if (settings.endpoint.empty()) {
    return;
  }
  v1alpha1::ControlClient& control = *config.mutable_control();
  control.set_endpoint(settings.endpoint);
  control.set_server_name(settings.server_name);
  control.set_ca_file(settings.ca_file);
  control.set_token_file(settings.token_file);
  control.mutable_report_interval()->set_seconds(kReportSeconds);
}

}  // namespace

tl::expected<Resolved, std::vector<FieldProblem>> resolve(const json& object,
                                                          const ControlSettings& control) {
  v1alpha1::OtlpPipeline decoded;
  if (const auto errors = schema::decode(written_part(object), decoded, ""); !errors.empty()) {
    return tl::unexpected(problems_of(errors));
  }
  auto config = schema::resolve_worker_config(decoded.spec(), std::string(kube::name_space(object)),
                                              std::string(kube::name(object)));
  if (!config) {
    return tl::unexpected(std::vector<FieldProblem>{{config.error().where, config.error().message}});
  }
  add_control(*config, control);
  // Pieces that go through to Kubernetes as they are keep the user's own JSON: a message would turn their
  // whole numbers into floating point.
  Resolved result{.spec = schema::encode(decoded.spec()),
                  .data_plane = read_data_plane(schema::encode(*config).dump(2))};
  result.spec.update(object.at("spec"));
  return result;
}

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
