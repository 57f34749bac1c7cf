// Golden tests of every object that a pipeline becomes. After a wanted change: OTLPIPE_UPDATE_GOLDEN=1, then
// look at the diff.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "operator/api/pipeline.h"
#include "operator/kube/resources.h"
#include "operator/render/autoscaler.h"
#include "operator/render/config_map.h"
#include "operator/render/deployment.h"
#include "operator/render/meta.h"
#include "operator/render/service.h"
#include "operator/render/service_account.h"

namespace otlpipe::render {
namespace {

using nlohmann::json;

constexpr const char* kGoldenFolder = "tests/golden/render/";

const Release kRelease{.version = "0.1.0",
                       .worker_image = "ghcr.io/otlpipe/otlpipe-worker:0.1.0",
                       .control_ca_pem = "-----BEGIN CERTIFICATE-----\n"};
const Configuration kConfiguration{.json = "{\"identity\":{\"name\":\"gateway\"}}",
                                   .hash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                                   .ports = {{"otlp", "grpc", 4317}, {"otlp", "http", 4318}}};

Pipeline pipeline(const json& spec) {
  return {.name = "gateway",
          .ns = "observability",
          .uid = "11111111-2222-3333-4444-555555555555",
          .api_version = "otlpipe.io/v1alpha1",
          .kind = "OtlpPipeline",
          .spec = spec};
}

json full_spec() {
  return json::parse(R"({
    "replicas": 3, "image": "registry.example/worker:7",
    "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"cpu": "2", "memory": "256Mi"}},
    "nodeSelector": {"disk": "ssd"},
    "tolerations": [{"key": "dedicated", "operator": "Equal", "value": "telemetry", "effect": "NoSchedule"}],
    "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
    "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway"}],
    "priorityClassName": "high", "podLabels": {"team": "a"}, "podAnnotations": {"note": "b"},
    "env": [{"name": "OTLP_ENDPOINT", "value": "backend:4317"}],
    "volumes": [{"name": "spool", "persistentVolumeClaim": {"claimName": "spool"}}],
    "volumeMounts": [{"name": "spool", "mountPath": "/var/lib/otlpipe"}],
    "serviceAccountName": "collector", "securityContext": {"runAsUser": 1000},
    "terminationGracePeriodSeconds": 90, "podDisruptionBudget": {"minAvailable": "50%"}
  })");
}

void expect_golden(const std::string& name, const json& object) {
  const std::string path = kGoldenFolder + name + ".json";
  const std::string text = object.dump(2) + "\n";
  if (std::getenv("OTLPIPE_UPDATE_GOLDEN") != nullptr) {
    std::filesystem::create_directories(kGoldenFolder);
    std::ofstream(path) << text;
  }
  std::ifstream file(path);
  const std::string golden((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(text, golden) << path;
}

TEST(RenderGolden, ServiceAccount) {
  expect_golden("service_account", service_account(pipeline({}), kRelease).object);
}

TEST(RenderGolden, ConfigMap) {
  expect_golden("config_map", config_map(pipeline({}), kConfiguration, kRelease).object);
}

TEST(RenderGolden, ConfigHistory) {
  expect_golden("config_history", config_history(pipeline({}), kConfiguration, kRelease).object);
}

TEST(RenderGolden, Service) {
  expect_golden("service", service(pipeline({}), kConfiguration, kRelease).object);
}

TEST(RenderGolden, HeadlessService) {
  expect_golden("headless_service", headless_service(pipeline({}), kConfiguration, kRelease).object);
}

TEST(RenderGolden, DeploymentOfAMinimalSpec) {
  expect_golden("deployment_minimal", deployment(pipeline({}), kRelease, 1, ReplicasOwner::kSpec).object);
}

TEST(RenderGolden, DeploymentOfAFullSpec) {
  expect_golden("deployment_full",
                deployment(pipeline(full_spec()), kRelease, 3, ReplicasOwner::kSpec).object);
}

TEST(RenderGolden, Autoscaler) {
  const json spec = {{"autoscaling",
                      {{"minReplicas", 3},
                       {"maxReplicas", 10},
                       {"targetCPUUtilization", 70},
                       {"targetMemoryUtilization", 80},
                       {"behavior", {{"scaleDown", {{"stabilizationWindowSeconds", 60}}}}}}}};
  expect_golden("autoscaler", autoscaler(pipeline(spec), kRelease)->object);
}

TEST(RenderGolden, DisruptionBudget) {
  expect_golden("disruption_budget", disruption_budget(pipeline(full_spec()), kRelease)->object);
}

TEST(Render, SpecWithoutAutoscalingOrBudgetRendersNeither) {
  EXPECT_FALSE(autoscaler(pipeline(json::object()), kRelease));
  EXPECT_FALSE(disruption_budget(pipeline(json::object()), kRelease));
}

TEST(Render, AutoscalerWithoutATargetGoesByCpu) {
  const json spec = {{"autoscaling", {{"maxReplicas", 4}}}};
  const json object = autoscaler(pipeline(spec), kRelease)->object;
  EXPECT_EQ(object["spec"]["minReplicas"], 1);
  EXPECT_EQ(object["spec"]["metrics"][0]["resource"]["name"], "cpu");
}

TEST(Render, DeploymentThatAnAutoscalerOwnsSaysNothingOfReplicas) {
  const json object =
      deployment(pipeline(json::object()), kRelease, std::nullopt, ReplicasOwner::kAutoscaler).object;
  EXPECT_FALSE(object["spec"].contains("replicas"));
  EXPECT_EQ(object["metadata"]["annotations"][std::string(kReplicasOwnerAnnotation)], "autoscaler");
}

// The promise that a change of configuration rolls no pod: nothing of the configuration is in the template.
TEST(Render, PodTemplateIsTheSameForEveryConfiguration) {
  json one = full_spec();
  json two = one;
  one["receivers"] = {{{"name", "otlp"}, {"otlp", {{"grpc", {{"port", 4317}}}}}}};
  two["receivers"] = {{{"name", "in"}, {"otlp", {{"grpc", {{"port", 5555}}}}}}};
  two["exporters"] = {{{"name", "new"}}};
  EXPECT_EQ(deployment(pipeline(one), kRelease, 3, ReplicasOwner::kSpec).object,
            deployment(pipeline(two), kRelease, 3, ReplicasOwner::kSpec).object);
}

TEST(Render, PodTemplateIsTheSameForEveryReleaseOfTheOperatorWhenTheImageIsGiven) {
  Release next = kRelease;
  next.version = "0.2.0";
  next.worker_image = "ghcr.io/otlpipe/otlpipe-worker:0.2.0";
  EXPECT_EQ(deployment(pipeline(full_spec()), kRelease, 3, ReplicasOwner::kSpec).object["spec"],
            deployment(pipeline(full_spec()), next, 3, ReplicasOwner::kSpec).object["spec"]);
}

TEST(Render, CountsWrittenAsTextAreNumbersForKubernetes) {
  const json spec = {{"podDisruptionBudget", {{"maxUnavailable", "2"}}}};
  EXPECT_EQ(disruption_budget(pipeline(spec), kRelease)->object["spec"]["maxUnavailable"], 2);
}

TEST(Render, LongReceiverNamesStillMakeDistinctPortNames) {
  const std::string name(63, 'r');
  const std::string grpc = port_name({name, "grpc", 4317});
  const std::string other = port_name({name, "grpc", 4319});
  EXPECT_LE(grpc.size(), 63U);
  EXPECT_NE(grpc, other);
  EXPECT_EQ(port_name({"otlp", "http", 4318}), "otlp-http");
}

TEST(Render, EveryChildHasOneControllingOwnerAndAllLabels) {
  const Pipeline p = pipeline(full_spec());
  for (const Child& child : {service_account(p, kRelease), config_map(p, kConfiguration, kRelease),
                             service(p, kConfiguration, kRelease), *disruption_budget(p, kRelease)}) {
    EXPECT_TRUE(kube::is_controlled_by(child.object, p.uid));
    for (const char* label : {"name", "instance", "component", "managed-by", "part-of", "version"}) {
      EXPECT_NE(kube::label(child.object, std::string("app.kubernetes.io/") + label), "") << label;
    }
  }
}

TEST(Render, SelectorCarriesNoVersion) {
  EXPECT_FALSE(selector_labels("gateway").contains("app.kubernetes.io/version"));
  EXPECT_EQ(selector_text("gateway"),
            "app.kubernetes.io/instance=gateway,app.kubernetes.io/managed-by=otlpipe-operator,"
            "app.kubernetes.io/name=otlpipe-worker");
}

}  // namespace
}  // namespace otlpipe::render
