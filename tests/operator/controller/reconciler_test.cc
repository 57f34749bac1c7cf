#include "operator/controller/reconciler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "operator/controller/children.h"
#include "operator/kube/resources.h"
#include "tests/operator/controller/reconciler_world.h"

namespace otlpipe::controller {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::World;

TEST(Reconciler, PipelineBecomesAllItsChildren) {
  World world;
  world.put_pipeline();
  ASSERT_TRUE(world.turn());
  EXPECT_FALSE(world.get(kube::service_accounts(), "gateway").is_null());
  EXPECT_FALSE(world.get(kube::services(), "gateway").is_null());
  EXPECT_FALSE(world.get(kube::services(), "gateway-headless").is_null());
  EXPECT_FALSE(world.get(kube::pod_disruption_budgets(), "gateway").is_null());
  const json deployment = world.get(kube::deployments(), "gateway");
  EXPECT_EQ(deployment["spec"]["replicas"], 2);
  const json config_map = world.get(kube::config_maps(), "gateway-config");
  EXPECT_EQ(config_map["data"]["control-ca.crt"], "CA");
  EXPECT_EQ(world.status()["configHash"], world.config_hash());
  const json config = json::parse(config_map["data"]["config.json"].get<std::string>());
  EXPECT_EQ(config["identity"], (json{{"name", "gateway"}, {"namespace", "ns"}}));
  EXPECT_EQ(config["control"]["endpoint"], "otlpipe-operator.otlpipe-system.svc:9443");
  EXPECT_EQ(world.status()["phase"], "Pending");
}

TEST(Reconciler, SecondTurnWritesNothing) {
  World world;
  world.put_pipeline();
  ASSERT_TRUE(world.turn());
  ASSERT_TRUE(world.turn());
  world.client.clear_calls();
  ASSERT_TRUE(world.turn());
  EXPECT_THAT(world.writes(), IsEmpty());
}

TEST(Reconciler, ReadyWorkersMakeThePipelineReady) {
  World world;
  world.put_pipeline();
  ASSERT_TRUE(world.turn());
  world.connect_worker("a", world.config_hash());
  world.connect_worker("b", world.config_hash());
  world.deployment_is_ready();
  ASSERT_TRUE(world.turn());
  EXPECT_EQ(world.condition("Ready"), "True Ready");
  EXPECT_EQ(world.status()["phase"], "Ready");
  EXPECT_EQ(world.status()["workers"]["applied"], 2);
}

TEST(Reconciler, RestartedOperatorChangesNothingButFindsEverything) {
  World world;
  world.put_pipeline();
  ASSERT_TRUE(world.turn());
  ASSERT_TRUE(world.turn());
  const json before = world.get(kube::deployments(), "gateway");
  world.restart();
  ASSERT_TRUE(world.turn());
  EXPECT_EQ(world.get(kube::deployments(), "gateway"), before) << "applied again, to no effect";
}

TEST(Reconciler, CrashAfterAnyWriteIsHealedByTheNextTurn) {
  for (int survivor = 0; survivor < 9; ++survivor) {
    World world;
    world.put_pipeline();
    int writes = 0;
    world.client.set_fault([&](const kube::testing::Call& call) -> std::optional<Error> {
      if (call.verb != "apply" || writes++ < survivor) {
        return std::nullopt;
      }
      return Error{Code::kUnavailable, "gone"};
    });
    (void)world.turn();
    world.client.set_fault({});
    world.restart();
    ASSERT_TRUE(world.turn()) << survivor;
    EXPECT_EQ(world.client.keys(kube::services()).size(), 2U) << survivor;
    EXPECT_FALSE(world.get(kube::deployments(), "gateway").is_null()) << survivor;
    EXPECT_EQ(world.condition("ConfigurationValid"), "True Valid") << survivor;
  }
}

TEST(Reconciler, ObjectOfSomebodyElseIsNeitherTouchedNorAdopted) {
  World world;
  const json foreign = world.client.edit(kube::services(), World::key("gateway"), [](json& object) {
    object["apiVersion"] = "v1";
    object["kind"] = "Service";
    object["spec"] = {{"theirs", true}};
  });
  world.put_pipeline();
  const auto outcome = world.turn();
  ASSERT_TRUE(outcome && outcome->requeue_after) << "nobody tells when it goes";
  EXPECT_EQ(world.get(kube::services(), "gateway"), foreign);
  EXPECT_EQ(world.condition("Progressing"), "False NameConflict");
  EXPECT_THAT(world.status()["conditions"].dump(), HasSubstr("Service gateway exists"));
  EXPECT_FALSE(world.get(kube::deployments(), "gateway").is_null()) << "the rest is made";
  EXPECT_THAT(world.events.told, Contains("Warning NameConflict"));
}

TEST(Reconciler, DeletedAndChangedChildrenComeBack) {
  World world;
  world.put_pipeline();
  ASSERT_TRUE(world.turn());
  world.clock.advance(seconds(10));
  ASSERT_TRUE(world.client.remove(kube::services(), World::key("gateway"), {}));
  world.client.edit(kube::deployments(), World::key("gateway"),
                    [](json& object) { object["spec"]["replicas"] = 7; });
  ASSERT_TRUE(world.turn());
  EXPECT_FALSE(world.get(kube::services(), "gateway").is_null());
  EXPECT_EQ(world.get(kube::deployments(), "gateway")["spec"]["replicas"], 2);
}

TEST(Reconciler, FieldsOfOthersSurvive) {
  World world;
  world.put_pipeline();
  ASSERT_TRUE(world.turn());
  world.clock.advance(seconds(10));
  world.client.edit(kube::deployments(), World::key("gateway"), [](json& object) {
    object["metadata"]["annotations"]["theirs"] = "1";
    object["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"] = "now";
  });
  world.edit_spec([](json& spec) { spec["replicas"] = 3; });
  ASSERT_TRUE(world.turn());
  const json deployment = world.get(kube::deployments(), "gateway");
  EXPECT_EQ(deployment["spec"]["replicas"], 3);
  EXPECT_EQ(kube::annotation(deployment, "theirs"), "1");
  EXPECT_EQ(deployment["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"],
            "now");
}

TEST(Reconciler, AnnotationsAndLabelsThatLeaveTheSpecLeaveThePods) {
  World world;
  world.put_pipeline([](json& object) { object["spec"]["podAnnotations"] = {{"note", "x"}}; });
  ASSERT_TRUE(world.turn());
  world.edit_spec([](json& spec) { spec.erase("podAnnotations"); });
  ASSERT_TRUE(world.turn());
  const json deployment = world.get(kube::deployments(), "gateway");
  EXPECT_EQ(kube::find(deployment, "spec.template.metadata.annotations.note"), nullptr);
}

TEST(Reconciler, AutoscalerStartsFromWhatRunsAndThenOwnsTheNumber) {
  World world;
  world.put_pipeline([](json& object) { object["spec"]["replicas"] = 3; });
  ASSERT_TRUE(world.turn());
  world.edit_spec([](json& spec) { spec["autoscaling"] = {{"minReplicas", 2}, {"maxReplicas", 5}}; });
  ASSERT_TRUE(world.turn());
  EXPECT_FALSE(world.get(kube::horizontal_pod_autoscalers(), "gateway").is_null());
  EXPECT_EQ(world.get(kube::deployments(), "gateway")["spec"]["replicas"], 3)
      << "not the API server's default of 1";
  world.client.edit(
      kube::deployments(), World::key("gateway"), [](json& object) { object["spec"]["replicas"] = 5; },
      "kube-controller-manager");
  world.clock.advance(seconds(10));
  ASSERT_TRUE(world.turn());
  EXPECT_EQ(world.get(kube::deployments(), "gateway")["spec"]["replicas"], 5);
  world.edit_spec([](json& spec) { spec.erase("autoscaling"); });
  ASSERT_TRUE(world.turn());
  EXPECT_TRUE(world.get(kube::horizontal_pod_autoscalers(), "gateway").is_null());
  EXPECT_EQ(world.get(kube::deployments(), "gateway")["spec"]["replicas"], 3);
}

TEST(Reconciler, NewAutoscaledPipelineStartsWithItsMinimum) {
  World world;
  world.put_pipeline(
      [](json& object) { object["spec"]["autoscaling"] = {{"minReplicas", 4}, {"maxReplicas", 5}}; });
  ASSERT_TRUE(world.turn());
  EXPECT_EQ(world.get(kube::deployments(), "gateway")["spec"]["replicas"], 4);
  ASSERT_TRUE(world.turn());
  EXPECT_EQ(world.get(kube::deployments(), "gateway")["spec"]["replicas"], 4);
}

TEST(Reconciler, PausedPipelineWritesOnlyItsStatusAndTellsWhatIsPending) {
  World world;
  world.put_pipeline();
  ASSERT_TRUE(world.turn());
  world.edit_spec([](json& spec) {
    spec["managementState"] = "Paused";
    spec["image"] = "worker:next";
  });
  world.client.clear_calls();
  ASSERT_TRUE(world.turn());
  EXPECT_EQ(world.status()["phase"], "Paused");
  EXPECT_THAT(world.status()["conditions"].dump(), HasSubstr("pending: update Deployment gateway"));
  EXPECT_EQ(world.get(kube::deployments(), "gateway")["spec"]["template"]["spec"]["containers"][0]["image"],
            "worker:0.1.0");
  world.edit_spec([](json& spec) { spec["managementState"] = "Managed"; });
  ASSERT_TRUE(world.turn());
  EXPECT_EQ(world.get(kube::deployments(), "gateway")["spec"]["template"]["spec"]["containers"][0]["image"],
            "worker:next");
}

TEST(Reconciler, PausedWithoutAMemoryIsNotTakenForPending) {
  World world;
  world.put_pipeline([](json& object) { object["spec"]["managementState"] = "Managed"; });
  ASSERT_TRUE(world.turn());
  world.edit_spec([](json& spec) { spec["managementState"] = "Paused"; });
  world.restart();
  ASSERT_TRUE(world.turn());
  EXPECT_THAT(world.status()["conditions"].dump(), HasSubstr("nothing is pending"));
}

TEST(Reconciler, MissingPermissionIsToldAndTheOtherChildrenAreMade) {
  World world;
  world.client.set_fault([](const kube::testing::Call& call) -> std::optional<Error> {
    if (call.verb == "apply" && call.resource == kube::services()) {
      return Error{Code::kPermissionDenied, "services is forbidden: cannot patch resource \"services\"",
                   "PATCH …"};
    }
    return std::nullopt;
  });
  world.put_pipeline();
  EXPECT_FALSE(world.turn()) << "is tried again, with back-off";
  EXPECT_FALSE(world.get(kube::deployments(), "gateway").is_null());
  EXPECT_EQ(world.condition("Progressing"), "False ApplyFailed");
  EXPECT_THAT(world.status()["conditions"].dump(), HasSubstr("cannot patch resource"));
}

TEST(Reconciler, DeletedPipelineIsLeftToTheGarbageCollector) {
  World world;
  world.put_pipeline([](json& object) { object["metadata"]["finalizers"] = {"foregroundDeletion"}; });
  ASSERT_TRUE(world.turn());
  ASSERT_TRUE(world.client.remove(api::otlp_pipelines(), World::key("gateway"), {}));
  ASSERT_TRUE(world.client.remove(kube::services(), World::key("gateway"), {}));
  world.client.clear_calls();
  ASSERT_TRUE(world.turn());
  EXPECT_THAT(world.writes(), ElementsAre("status"));
  EXPECT_EQ(world.status()["phase"], "Deleting");
  EXPECT_TRUE(world.get(kube::services(), "gateway").is_null()) << "is not made again";
}

TEST(Reconciler, PipelineThatIsGoneEndsItsStreams) {
  World world;
  world.put_pipeline();
  ASSERT_TRUE(world.turn());
  auto [a, link] = world.connect_worker("a", world.config_hash());
  ASSERT_TRUE(world.client.remove(api::otlp_pipelines(), World::key("gateway"), {}));
  ASSERT_TRUE(world.turn());
  EXPECT_NE(link->closed, "");
  EXPECT_THAT(world.client.keys(kube::deployments()), IsEmpty());
}

TEST(Reconciler, RecreatedPipelineDoesNotTakeOverWhatIsStillOfItsPredecessor) {
  World world;
  world.put_pipeline();
  ASSERT_TRUE(world.turn());
  world.client.edit(kube::services(), World::key("gateway"), [](json& object) {
    object["metadata"]["ownerReferences"][0]["uid"] = "of-the-one-before";
  });
  world.restart();
  ASSERT_TRUE(world.turn());
  EXPECT_EQ(world.condition("Progressing"), "False NameConflict");
}

TEST(Reconciler, StatusIsWrittenOnlyWhenItChanges) {
  World world;
  world.put_pipeline();
  ASSERT_TRUE(world.turn());
  ASSERT_TRUE(world.turn());
  world.client.clear_calls();
  for (int i = 0; i < 3; ++i) {
    world.clock.advance(seconds(60));
    ASSERT_TRUE(world.turn());
  }
  EXPECT_THAT(world.writes(), IsEmpty());
}

TEST(Reconciler, EditedStatusIsPutRight) {
  World world;
  world.put_pipeline();
  ASSERT_TRUE(world.turn());
  world.client.edit(api::otlp_pipelines(), World::key("gateway"),
                    [](json& object) { object["status"]["phase"] = "Wonderful"; });
  ASSERT_TRUE(world.turn());
  EXPECT_EQ(world.status()["phase"], "Pending");
}

TEST(Reconciler, WaitsAMomentForTheControlCertificateAndThenGoesOnWithoutIt) {
  World world;
  world.ca = "";
  world.put_pipeline();
  const auto outcome = world.turn();
  ASSERT_TRUE(outcome && outcome->requeue_after);
  EXPECT_TRUE(world.get(kube::deployments(), "gateway").is_null());
  world.clock.advance(world.options.certificate_patience);
  ASSERT_TRUE(world.turn());
  EXPECT_FALSE(world.get(kube::deployments(), "gateway").is_null());
}

TEST(Reconciler, OperatorWithoutItsAuthorityLeavesWorkersTheOneThatTheyTrust) {
  World world;
  world.put_pipeline();
  ASSERT_TRUE(world.turn());
  const auto trusted = [&] {
    return world.get(kube::config_maps(), "gateway-config")["data"]["control-ca.crt"].get<std::string>();
  };
  ASSERT_EQ(trusted(), "CA");
  world.ca = "";
  world.restart();
  world.clock.advance(world.options.certificate_patience);
  world.edit_spec([](json& spec) { spec["replicas"] = 5; });
  ASSERT_TRUE(world.turn());
  EXPECT_EQ(world.get(kube::deployments(), "gateway")["spec"]["replicas"], 5);
  EXPECT_EQ(trusted(), "CA");
}

TEST(Reconciler, NoPodsAreMadeWhileSomebodyElseHasTheirConfigMap) {
  World world;
  world.client.edit(kube::config_maps(), World::key("gateway-config"), [](json& object) {
    object["apiVersion"] = "v1";
    object["kind"] = "ConfigMap";
  });
  world.put_pipeline();
  ASSERT_TRUE(world.turn());
  EXPECT_TRUE(world.get(kube::deployments(), "gateway").is_null());
  EXPECT_EQ(world.condition("Progressing"), "False NameConflict");
  ASSERT_TRUE(world.client.remove(kube::config_maps(), World::key("gateway-config"), {}));
  ASSERT_TRUE(world.turn());
  EXPECT_FALSE(world.get(kube::deployments(), "gateway").is_null());
}

TEST(Reconciler, OwnServiceAccountOfTheUserIsUsedAndNoneIsMade) {
  World world;
  world.put_pipeline([](json& object) { object["spec"]["serviceAccountName"] = "mine"; });
  ASSERT_TRUE(world.turn());
  EXPECT_TRUE(world.get(kube::service_accounts(), "gateway").is_null());
  EXPECT_EQ(world.get(kube::deployments(), "gateway")["spec"]["template"]["spec"]["serviceAccountName"],
            "mine");
}

TEST(Reconciler, PhasesAreCountedForTheMetrics) {
  World world;
  world.put_pipeline();
  world.put_pipeline([](json& object) { object["spec"] = json::object(); }, "bad");
  ASSERT_TRUE(world.turn("gateway"));
  ASSERT_TRUE(world.turn("bad"));
  world.sync();
  EXPECT_EQ(world.reconciler().phases(), (std::map<std::string, int>{{"Invalid", 1}, {"Pending", 1}}));
}

}  // namespace
}  // namespace otlpipe::controller
