#include "tests/operator/controller/reconciler_world.h"

#include "operator/controller/children.h"
#include "operator/controller/pods.h"
#include "operator/kube/resources.h"
#include "otlpipe/control/v1/control.pb.h"

namespace otlpipe::controller::testing {

using nlohmann::json;

void RecordedEvents::record(const json&, runtime::EventType type, std::string_view reason, std::string_view,
                            std::string_view) {
  told.push_back((type == runtime::EventType::kWarning ? "Warning " : "Normal ") + std::string(reason));
}

World::World() {
  for (const kube::Resource& resource : child_resources()) {
    children_[resource].add_index(kOwnerIndex, runtime::index_by_controller_uid);
  }
  pods_.add_index(kPipelineIndex, index_by_pipeline);
  options.control = {.endpoint = "otlpipe-operator.otlpipe-system.svc:9443",
                     .server_name = "otlpipe-operator.otlpipe-system.svc",
                     .ca_file = "/etc/otlpipe/control-ca.crt",
                     .token_file = "/var/run/secrets/otlpipe/token"};
  options.release = [this] {
    return render::Release{.version = "0.1.0", .worker_image = "worker:0.1.0", .control_ca_pem = ca};
  };
  restart();
}

void World::restart() {
  Caches caches{.pipelines = &pipelines_, .pods = &pods_};
  for (const auto& [resource, cache] : children_) {
    caches.children[resource] = &cache;
  }
  reconciler_ = std::make_unique<PipelineReconciler>(options, caches, client, fleet, events, clock, Logger());
}

void World::put_pipeline(const std::function<void(json&)>& change, const std::string& name) {
  client.edit(api::otlp_pipelines(), key(name), [&](json& object) {
    object["apiVersion"] = "otlpipe.io/v1alpha1";
    object["kind"] = "OtlpPipeline";
    object["spec"] = json::parse(R"({
      "replicas": 2,
      "receivers": [{"name": "otlp", "otlp": {"grpc": {"port": 4317}, "http": {"port": 4318}}}],
      "processors": [{"name": "batch", "batch": {"timeout": "100ms"}}],
      "exporters": [{"name": "backend", "otlpGrpc": {"endpoint": "collector:4317", "tls": {"insecure": true}}}],
      "pipelines": [{"name": "all", "receivers": ["otlp"], "processors": ["batch"], "exporters": ["backend"]}]
    })");
    if (change) {
      change(object);
    }
  });
}

void World::edit_spec(const std::function<void(json&)>& change, const std::string& name) {
  client.edit(api::otlp_pipelines(), key(name), [&](json& object) { change(object["spec"]); });
}

void World::deployment_is_ready(const std::string& name) {
  client.edit(kube::deployments(), key(name), [](json& object) {
    const auto replicas = kube::find_int(object, "spec.replicas", 1);
    object["status"] = {{"observedGeneration", kube::generation(object)},
                        {"replicas", replicas},
                        {"updatedReplicas", replicas},
                        {"readyReplicas", replicas}};
  });
}

std::pair<control::Fleet::Session, std::shared_ptr<SentConfigs>> World::connect_worker(
    const std::string& pod, const std::string& hash) {
  auto link = std::make_shared<SentConfigs>();
  return {fleet.join({key("gateway"), pod, "uid-" + pod, "0.1.0"}, hash, link), link};
}

void World::answer(const control::Fleet::Session& session, const std::string& hash, bool accepted) {
  control::v1::ConfigResult result;
  result.set_hash(hash);
  result.set_accepted(accepted);
  if (!accepted) {
    result.add_errors()->set_path("exporters[0].otlpGrpc");
    result.mutable_errors(0)->set_message("cannot be opened");
  }
  fleet.config_result(session, result);
}

void World::sync() {
  const auto fill = [this](runtime::Cache& cache, const kube::Resource& resource) {
    std::vector<kube::ObjectPtr> objects;
    for (const kube::ObjectKey& existing : client.keys(resource)) {
      json object = client.peek(resource, existing);
      resource == kube::pods() ? strip_pod(object) : kube::strip_bulk(object);
      objects.push_back(std::make_shared<const json>(std::move(object)));
    }
    cache.replace(std::move(objects));
  };
  fill(pipelines_, api::otlp_pipelines());
  fill(pods_, kube::pods());
  for (auto& [resource, cache] : children_) {
    fill(cache, resource);
  }
}

Result<runtime::Outcome> World::turn(const std::string& name) {
  sync();
  return reconciler_->reconcile(key(name));
}

json World::get(const kube::Resource& resource, const std::string& name) const {
  return client.peek(resource, key(name));
}

json World::status(const std::string& name) const {
  const json object = get(api::otlp_pipelines(), name);
  const json* status = kube::find(object, "status");
  return status == nullptr ? json() : *status;
}

std::string World::condition(const char* type, const std::string& name) const {
  const json now = status(name);
  const json* list = kube::find(now, "conditions");
  const Condition found = list == nullptr ? Condition{} : find_condition(*list, type);
  return found.status + " " + found.reason;
}

std::string World::config_hash() const {
  return std::string(kube::annotation(get(kube::config_maps(), "gateway-config"), "otlpipe.io/config-hash"));
}

std::vector<std::string> World::writes() const {
  std::vector<std::string> result;
  for (const auto& call : client.calls()) {
    result.push_back(
        call.subresource == "status" ? "status" : call.verb + " " + call.resource.kind + " " + call.key.name);
  }
  return result;
}

}  // namespace otlpipe::controller::testing
