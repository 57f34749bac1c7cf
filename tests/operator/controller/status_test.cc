#include "operator/controller/status.h"

#include <gtest/gtest.h>

namespace otlpipe::controller {
namespace {

using control::ExporterHealth;
using control::RolloutPhase;
using nlohmann::json;

const WallTime kWallNow{std::chrono::seconds(1767225600)};  // 2026-01-01T00:00:00Z

kube::ObjectPtr deployment(int wanted, int updated, int ready, json extra = json::object()) {
  json object = {{"metadata", {{"generation", 1}}},
                 {"spec", {{"replicas", wanted}}},
                 {"status",
                  {{"observedGeneration", 1},
                   {"replicas", wanted},
                   {"updatedReplicas", updated},
                   {"readyReplicas", ready}}}};
  object["status"].update(extra);
  return std::make_shared<const json>(std::move(object));
}

// A healthy pipeline with two workers; tests break one thing.
struct Scene {
  json pipeline = {{"metadata", {{"name", "gateway"}, {"namespace", "ns"}, {"generation", 3}, {"uid", "u"}}},
                   {"spec", {{"exporters", {{{"name", "backend"}}}}}}};
  control::FleetReport fleet{.phase = RolloutPhase::kAccepted,
                             .workers = {{.pod = "a", .applied = "h", .applied_wanted = true},
                                         {.pod = "b", .applied = "h", .applied_wanted = true}},
                             .exporters = {{.name = "backend", .health = ExporterHealth::kHealthy}}};
  kube::ObjectPtr workload = deployment(2, 2, 2);

  StatusInput input() const {
    return {.pipeline = pipeline,
            .now = kWallNow,
            .config_hash = "h",
            .ports = {{"otlp", "grpc", 4317}, {"otlp", "http", 4318}},
            .fleet = fleet,
            .deployment = workload};
  }
  json status() const { return make_status(input()); }
};

std::string state(const json& status, const char* type) {
  const Condition condition = find_condition(status["conditions"], type);
  return condition.status + " " + condition.reason;
}
std::string message(const json& status, const char* type) {
  return find_condition(status["conditions"], type).message;
}

TEST(Status, HealthyPipelineIsReadyInEveryWord) {
  Scene scene;
  scene.fleet.per_minute = {.received = 100, .sent = 99, .refused = 0, .dropped = 0};
  const json status = scene.status();
  EXPECT_EQ(status["phase"], "Ready");
  EXPECT_EQ(state(status, "ConfigurationValid"), "True Valid");
  EXPECT_EQ(state(status, "Progressing"), "True Complete");
  EXPECT_EQ(state(status, "Available"), "True EnoughWorkers");
  EXPECT_EQ(state(status, "FlowHealthy"), "True Flowing");
  EXPECT_EQ(state(status, "Ready"), "True Ready");
  EXPECT_EQ(status["observedGeneration"], 3);
  EXPECT_EQ(status["workers"], (json{{"reporting", 2}, {"applied", 2}, {"rejected", 0}}));
  EXPECT_EQ(status["endpoints"],
            (json{{"grpc", "gateway.ns.svc:4317"}, {"http", "http://gateway.ns.svc:4318"}}));
  EXPECT_EQ(status["flow"], (json{{"received", 100}, {"sent", 99}, {"refused", 0}, {"dropped", 0}}));
  EXPECT_EQ(status["exporters"][0],
            (json{{"name", "backend"}, {"health", "Healthy"}, {"queuedItems", 0}, {"lastError", ""}}));
}

TEST(Status, SameInputLaterIsTheSameStatus) {
  Scene scene;
  scene.pipeline["status"] = scene.status();
  StatusInput later = scene.input();
  later.now += std::chrono::hours(5);
  EXPECT_EQ(make_status(later), scene.pipeline["status"]);
}

TEST(Status, TransitionTimeMovesOnlyWithTheConditionItself) {
  Scene scene;
  scene.pipeline["status"] = scene.status();
  scene.workload = deployment(2, 2, 1);
  StatusInput later = scene.input();
  later.now += std::chrono::hours(1);
  const json status = make_status(later);
  for (const json& condition : status["conditions"]) {
    const bool moved = condition["lastTransitionTime"] != "2026-01-01T00:00:00Z";
    EXPECT_EQ(moved, condition["type"] == "Available" || condition["type"] == "Ready") << condition;
  }
}

TEST(Status, RefusedSpecNamesEveryField) {
  Scene scene;
  StatusInput input = scene.input();
  input.problems = {{"spec.exporters[0].otlpGrpc.timeout", "must be at most 1h"},
                    {"spec.mode", "not supported yet"}};
  const json status = make_status(input);
  EXPECT_EQ(status["phase"], "Invalid");
  EXPECT_EQ(state(status, "ConfigurationValid"), "False Invalid");
  EXPECT_EQ(message(status, "ConfigurationValid"),
            "spec.exporters[0].otlpGrpc.timeout: must be at most 1h; spec.mode: not supported yet");
  EXPECT_EQ(state(status, "Available"), "True EnoughWorkers") << "what runs runs on";
  EXPECT_EQ(state(status, "Ready"), "False Invalid");
}

TEST(Status, RejectionOfAWorkerIsToldWithTheUsersPath) {
  Scene scene;
  scene.fleet.phase = RolloutPhase::kRejected;
  scene.fleet.rejected_by = "gateway-x";
  scene.fleet.problems = {{"exporters[0].file.path", "no such folder"}};
  const json status = scene.status();
  EXPECT_EQ(state(status, "ConfigurationValid"), "False RejectedByWorker");
  EXPECT_EQ(message(status, "ConfigurationValid"),
            "worker gateway-x: spec.exporters[0].file.path: no such folder; everything stays on the last "
            "good configuration");
  EXPECT_EQ(status["phase"], "Invalid");
  EXPECT_EQ(message(scene.status(), "Progressing"),
            "all workers are up to date, with the last good configuration");
}

TEST(Status, WhileAConfigurationIsOnItsWayThePipelineIsNotReady) {
  Scene scene;
  scene.fleet.workers[1].applied_wanted = false;
  EXPECT_TRUE(settling(scene.fleet));
  EXPECT_EQ(state(scene.status(), "Ready"), "False Reconfiguring");
  scene.fleet.workers[1].left_alone = true;
  EXPECT_FALSE(settling(scene.fleet));
}

TEST(Status, StuckRolloutTellsWhatThePodSays) {
  Scene scene;
  scene.workload = deployment(2, 1, 2);
  StatusInput input = scene.input();
  input.pods = {std::make_shared<const json>(
      json::parse(R"({"metadata": {"name": "new"}, "status": {"containerStatuses":
      [{"ready": false, "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}}]}})"))};
  const json status = make_status(input);
  EXPECT_EQ(state(status, "Progressing"), "False PodsFailing");
  EXPECT_EQ(message(status, "Progressing"), "pod new: ImagePullBackOff: no such image");
  EXPECT_EQ(state(status, "Available"), "True EnoughWorkers") << "the old workers still run";
  EXPECT_EQ(status["phase"], "Degraded");
}

TEST(Status, PodsThatCannotBeMadeAreTold) {
  Scene scene;
  scene.workload = deployment(
      2, 0, 0,
      {{"conditions", {{{"type", "ReplicaFailure"}, {"status", "True"}, {"message", "exceeded quota"}}}}});
  EXPECT_EQ(state(scene.status(), "Progressing"), "False PodsRefused");
  EXPECT_EQ(message(scene.status(), "Available"), "0 of 2 workers are ready; exceeded quota");
}

TEST(Status, StatusOfAnOlderDeploymentGenerationIsNotTakenForDone) {
  Scene scene;
  json object = *scene.workload;
  object["metadata"]["generation"] = 2;
  scene.workload = std::make_shared<const json>(object);
  EXPECT_EQ(state(scene.status(), "Progressing"), "True RollingOut");
  EXPECT_EQ(state(scene.status(), "Ready"), "False RollingOut");
}

TEST(Status, FirstWorkersOnTheirWayArePending) {
  Scene scene;
  scene.fleet.workers.clear();
  scene.workload = nullptr;
  EXPECT_EQ(scene.status()["phase"], "Pending");
  scene.workload = deployment(2, 2, 0);
  EXPECT_EQ(scene.status()["phase"], "Pending");
  EXPECT_EQ(state(scene.status(), "FlowHealthy"), "Unknown NoWorkers");
}

TEST(Status, ScaleUpByTheAutoscalerDoesNotMakeThePipelineUnready) {
  Scene scene;
  scene.pipeline["spec"]["autoscaling"] = {{"minReplicas", 2}, {"maxReplicas", 10}};
  scene.workload = deployment(4, 4, 2);
  EXPECT_EQ(state(scene.status(), "Available"), "True EnoughWorkers");
  EXPECT_EQ(state(scene.status(), "Ready"), "True Ready");
}

TEST(Status, ScaleToZeroIsNotAvailable) {
  Scene scene;
  scene.workload = deployment(0, 0, 0);
  EXPECT_EQ(state(scene.status(), "Available"), "False ScaledToZero");
}

TEST(Status, FailingExporterIsNamedWithItsError) {
  Scene scene;
  scene.fleet.exporters = {
      {.name = "backend", .health = ExporterHealth::kFailing, .queued_items = 7, .last_error = "refused"}};
  const json status = scene.status();
  EXPECT_EQ(state(status, "FlowHealthy"), "False ExporterFailing");
  EXPECT_EQ(message(status, "FlowHealthy"), "exporter backend: refused");
  EXPECT_EQ(status["exporters"][0]["lastError"], "refused");
  EXPECT_EQ(status["phase"], "Degraded");
}

TEST(Status, LossRefusalAndFullQueuesAreUnhealthy) {
  Scene dropped;
  dropped.fleet.per_minute.dropped = 1;
  EXPECT_EQ(state(dropped.status(), "FlowHealthy"), "False DataDropped");
  EXPECT_EQ(message(dropped.status(), "FlowHealthy"), "records dropped within the last minute: 1");
  dropped.fleet.exporters[0].health = ExporterHealth::kDegraded;
  dropped.fleet.exporters[0].last_error = "too large";
  EXPECT_EQ(message(dropped.status(), "FlowHealthy"),
            "records dropped within the last minute: 1; degraded is exporter " +
                dropped.fleet.exporters[0].name + ": too large");
  Scene refused;
  refused.fleet.per_minute.refused = 1;
  EXPECT_EQ(state(refused.status(), "FlowHealthy"), "False Refusing");
  Scene full;
  full.fleet.exporters[0].queue_fill = 0.95;
  EXPECT_EQ(state(full.status(), "FlowHealthy"), "False QueueNearlyFull");
}

TEST(Status, WorkersThatDoNotReportMakeTheFlowUnknown) {
  Scene scene;
  scene.fleet.workers.clear();
  EXPECT_EQ(state(scene.status(), "FlowHealthy"), "Unknown NotReporting");
  EXPECT_EQ(state(scene.status(), "Ready"), "Unknown NotReporting");
}

TEST(Status, RestartOfTheOperatorDoesNotMakeHealthyFlowUnknown) {
  Scene scene;
  scene.pipeline["status"] = scene.status();
  scene.fleet.workers.clear();
  StatusInput input = scene.input();
  input.just_started = true;
  EXPECT_EQ(state(make_status(input), "FlowHealthy"), "True Idle");
  EXPECT_EQ(make_status(input)["phase"], "Ready");
}

TEST(Status, ObjectsInTheWayAreNamed) {
  Scene scene;
  StatusInput input = scene.input();
  input.conflicts = {"Service gateway", "ConfigMap gateway-config"};
  EXPECT_EQ(state(make_status(input), "Progressing"), "False NameConflict");
  EXPECT_TRUE(message(make_status(input), "Progressing")
                  .starts_with("Service gateway, ConfigMap gateway-config exists"));
}

TEST(Status, PausedPipelineTellsWhatIsPending) {
  Scene scene;
  StatusInput input = scene.input();
  input.paused = true;
  input.pending = {"update Deployment gateway"};
  const json status = make_status(input);
  EXPECT_EQ(status["phase"], "Paused");
  EXPECT_EQ(message(status, "Progressing"), "managementState is Paused; pending: update Deployment gateway");
}

TEST(Status, DeletionIsSaid) {
  Scene scene;
  scene.pipeline["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  EXPECT_EQ(scene.status()["phase"], "Deleting");
  EXPECT_EQ(state(scene.status(), "Ready"), "False Deleting");
}

}  // namespace
}  // namespace otlpipe::controller
