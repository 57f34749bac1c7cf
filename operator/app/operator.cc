#include "operator/app/operator.h"

#include <utility>

#include <unistd.h>

#include "common/base/random.h"
#include "common/http/server.h"
#include "operator/app/control_plane.h"
#include "operator/app/settings.h"
#include "operator/controller/children.h"
#include "operator/controller/pods.h"
#include "operator/controller/reconciler.h"
#include "operator/kube/config.h"
#include "operator/kube/host.h"
#include "operator/kube/resources.h"
#include "operator/kube/rest_client.h"
#include "operator/render/meta.h"
#include "operator/runtime/manager.h"
#include "operator/telemetry/health.h"
#include "operator/telemetry/metrics.h"

namespace otlpipe::app {
namespace {

using runtime::Manager;

// Reports of many workers become one look at their pipeline every so often.
constexpr Duration kReportDelay = std::chrono::seconds(3);
constexpr Duration kHeartbeatPatience = std::chrono::seconds(60);
// The informers try for as long as it takes; readiness tells that they do.
constexpr Duration kSyncTimeout = std::chrono::hours(24 * 365);

std::string identity(Random& random) {
  std::string host(256, '\0');
  if (::gethostname(host.data(), host.size() - 1) != 0) {
    host = "unknown";
  }
  return std::string(host.c_str()) + "_" + std::to_string(random.bits());
}

runtime::ManagerOptions manager_options(const Options& options, const std::string& own_namespace,
                                        const std::string& id) {
  runtime::ManagerOptions result{.sync_timeout = kSyncTimeout};
  if (options.leader_elect) {
    const std::string& ns = options.leader_elect_namespace;
    result.leader_election = runtime::LeaderElectionOptions{
        .lease = {ns.empty() ? own_namespace : ns, "otlpipe-operator"}, .identity = id};
  }
  return result;
}

// What must be made before anything else: the way to the cluster.
struct Cluster {
  SystemClock clock;
  kube::SystemHost host;
  kube::ClusterConfig config;
  std::unique_ptr<kube::Client> client;
};

class RunningOperator final : public Operator {
 public:
  RunningOperator(const Options& options, std::string_view version, std::unique_ptr<Cluster> cluster,
                  Logger logger)
      : options_(options),
        version_(version),
        logger_(std::move(logger)),
        cluster_(std::move(cluster)),
        own_namespace_(cluster_->config.default_namespace),
        identity_(identity(random_)),
        control_(control_settings(options_, own_namespace_)),
        metrics_(version),
        health_(clock_, kHeartbeatPatience),
        manager_(manager_options(options_, own_namespace_, identity_), client(), clock_, random_, logger_,
                 metrics_),
        events_(runtime::EventOptions{.reporting_instance = identity_}, client(), clock_, random_,
                logger_.named("events"), metrics_),
        fleet_({}, clock_) {}

  Status listen() {
    auto metrics = http::Server::start({.address = options_.metrics.address, .port = options_.metrics.port},
                                       [this](std::string_view path) { return answer_metrics(path); });
    if (!metrics) {
      return fail(metrics.error().in("--metrics-bind"));
    }
    metrics_server_ = std::move(*metrics);
    auto health = http::Server::start({.address = options_.health.address, .port = options_.health.port},
                                      [this](std::string_view path) { return health_.answer(path); });
    if (!health) {
      return fail(health.error().in("--health-bind"));
    }
    health_server_ = std::move(*health);
    return {};
  }

  void assemble() {
    add_informers();
    add_control_plane();
    add_controller();
    manager_.add_runnable("events", Manager::When::kLeading,
                          [this](std::stop_token stop) { events_.run(std::move(stop)); });
    manager_.add_runnable("clock", Manager::When::kAlways, [this](const std::stop_token& stop) {
      do {
        health_.beat();
        fleet_.tick();
      } while (runtime::pause(clock_, std::chrono::seconds(1), stop));
    });
    health_.add_readiness("caches", [this] { return manager_.synced() ? "" : missing_caches(); });
    health_.add_readiness("control stream", [this] { return control_plane_->problem(); });
    metrics_.set_sources({.pipelines_by_phase = [this] { return reconciler_->phases(); },
                          .connected_workers = [this] { return fleet_.connected(); }});
  }

  Ports ports() const override { return {metrics_server_->port(), health_server_->port()}; }

  Status run(std::stop_token stop) override {
    const std::stop_callback forward(stop, [this] { stop_.request_stop(); });
    logger_.info("operator starts", {{"version", version_},
                                     {"cluster", cluster_->config.server},
                                     {"configuration", cluster_->config.origin},
                                     {"namespace", options_.ns.empty() ? "(all)" : options_.ns},
                                     {"worker_image", worker_image(options_, version_)},
                                     {"control_endpoint", control_.endpoint}});
    const Status ended = manager_.run(stop_.get_token());
    control_plane_->stop();
    if (const Status broken = control_plane_->failure(); !broken) {
      return broken;
    }
    return ended;
  }

 private:
  kube::Client& client() { return *cluster_->client; }

  http::Response answer_metrics(std::string_view path) {
    if (path != "/metrics") {
      return {.status = 404, .body = "not found\n"};
    }
    return {.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = metrics_.text()};
  }

  std::string missing_caches() const {
    std::string text;
    for (const runtime::Informer* informer : informers_) {
      if (!informer->cache().synced()) {
        const std::string error = informer->last_error();
        text += (text.empty() ? "" : "; ") + informer->spec().resource.plural + ": " +
                (error.empty() ? "no answer yet" : error);
      }
    }
    return text;
  }

  void add_informers() {
    const auto add = [this](runtime::InformerSpec spec) -> runtime::Informer& {
      spec.ns = options_.ns;
      informers_.push_back(&manager_.add_informer(std::move(spec)));
      return *informers_.back();
    };
    const std::string ours(render::kManagedBySelector);
    pipelines_ = &add({.resource = api::otlp_pipelines()});
    for (const kube::Resource& resource : controller::child_resources()) {
      runtime::Informer& informer = add({.resource = resource, .label_selector = ours});
      informer.cache().add_index(controller::kOwnerIndex, runtime::index_by_controller_uid);
      children_.emplace_back(resource, &informer);
    }
    pods_ = &add({.resource = kube::pods(), .label_selector = ours, .strip = controller::strip_pod});
    pods_->cache().add_index(controller::kPipelineIndex, controller::index_by_pipeline);
  }

  void add_control_plane() {
    const runtime::Cache* deployments = nullptr;
    for (const auto& [resource, informer] : children_) {
      if (resource == kube::deployments()) {
        deployments = &informer->cache();
      }
    }
    control_plane_ = std::make_unique<ControlPlane>(
        ControlPlaneOptions{.bind = options_.control,
                            .certificates = certificate_options(options_, own_namespace_, control_)},
        client(), clock_, fleet_,
        std::make_unique<control::KubeAuthenticator>(client(), pipelines_->cache(), *deployments,
                                                     pods_->cache()),
        [this] { return manager_.leading(); }, [this] { stop_.request_stop(); }, logger_.named("control"));
    manager_.add_runnable("control stream", Manager::When::kAlways,
                          [this](const std::stop_token& stop) { control_plane_->run(stop); });
  }

  void add_controller() {
    controller::Caches caches{.pipelines = &pipelines_->cache(), .pods = &pods_->cache()};
    for (const auto& [resource, informer] : children_) {
      caches.children[resource] = &informer->cache();
    }
    const render::Release release{.version = version_, .worker_image = worker_image(options_, version_)};
    reconciler_ = std::make_unique<controller::PipelineReconciler>(
        controller::ReconcilerOptions{.control = control_,
                                      .release =
                                          [this, release] {
                                            render::Release current = release;
                                            current.control_ca_pem = control_plane_->trust_pem();
                                            return current;
                                          }},
        std::move(caches), client(), fleet_, events_, clock_, logger_.named("reconciler"));
    controller_ = std::make_unique<runtime::Controller>(
        runtime::ControllerOptions{.name = "otlppipeline", .workers = options_.reconcilers}, *reconciler_,
        clock_, random_, logger_.named("controller"), metrics_);
    controller_->watch(*pipelines_, runtime::generation_or_metadata_changed, runtime::own_key);
    for (const auto& [resource, informer] : children_) {
      controller_->watch(*informer, runtime::anything_changed,
                         runtime::controlling_owner(api::otlp_pipelines().kind, api::otlp_pipelines().group));
    }
    controller_->watch(*pods_, runtime::anything_changed, controller::pipeline_of_pod);
    fleet_.set_listener([this](const kube::ObjectKey& key, bool urgent) {
      urgent ? controller_->enqueue(key) : controller_->enqueue_after(key, kReportDelay);
    });
    manager_.add_controller(*controller_);
  }

  const Options options_;
  const std::string version_;
  const Logger logger_;
  runtime::SystemWaitClock clock_;
  SeededRandom random_{random_seed()};
  std::unique_ptr<Cluster> cluster_;
  const std::string own_namespace_;
  const std::string identity_;
  const api::ControlSettings control_;
  std::stop_source stop_;

  telemetry::Metrics metrics_;
  telemetry::Health health_;
  Manager manager_;
  runtime::ApiEventRecorder events_;
  control::Fleet fleet_;
  std::vector<runtime::Informer*> informers_;
  runtime::Informer* pipelines_ = nullptr;
  std::vector<std::pair<kube::Resource, runtime::Informer*>> children_;
  runtime::Informer* pods_ = nullptr;
  std::unique_ptr<controller::PipelineReconciler> reconciler_;
  std::unique_ptr<runtime::Controller> controller_;
  std::unique_ptr<ControlPlane> control_plane_;
  std::unique_ptr<http::Server> metrics_server_;
  std::unique_ptr<http::Server> health_server_;
};

}  // namespace

Result<std::unique_ptr<Operator>> Operator::create(const Options& options, std::string_view version,
                                                   Logger logger) {
  auto cluster = std::make_unique<Cluster>();
  auto config = kube::load_config({.kubeconfig = options.kubeconfig, .context = options.context},
                                  cluster->host, cluster->clock);
  if (!config) {
    return fail(config.error());
  }
  cluster->config = *config;
  auto client = kube::make_rest_client(
      std::move(*config),
      {.requests_per_second = 50, .burst = 100, .user_agent = "otlpipe-operator/" + std::string(version)});
  if (!client) {
    return fail(client.error());
  }
  cluster->client = std::move(*client);
  auto result = std::make_unique<RunningOperator>(options, version, std::move(cluster), std::move(logger));
  result->assemble();
  if (const Status listening = result->listen(); !listening) {
    return fail(listening.error());
  }
  return result;
}

}  // namespace otlpipe::app
