// What the reconciler does with configurations: how they reach ConfigMap, Service and workers, and what is
// refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "operator/controller/children.h"
#include "operator/controller/reconciler.h"
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
using ::testing::Not;
using testing::World;

TEST(ReconcilerConfig, ChangedConfigurationLeavesThePodTemplateAlone) {
  World world;
  world.put_pipeline();
  ASSERT_TRUE(world.turn());
  const json before = world.get(kube::deployments(), "gateway");
  const std::string old_hash = world.config_hash();
  world.edit_spec([](json& spec) {
    spec["receivers"][0]["otlp"]["grpc"]["port"] = 5555;
    spec["processors"][0]["batch"]["timeout"] = "1s";
  });
  ASSERT_TRUE(world.turn());
  EXPECT_NE(world.config_hash(), old_hash);
  EXPECT_EQ(world.get(kube::deployments(), "gateway"), before);
  EXPECT_EQ(world.get(kube::services(), "gateway")["spec"]["ports"][0]["port"], 5555);
  EXPECT_FALSE(world.get(kube::config_maps(), "gateway-config-" + old_hash.substr(0, 12)).is_null())
      << "for rollback";
}

TEST(ReconcilerConfig, OnlyTheLastConfigurationsAreKept) {
  World world;
  world.put_pipeline();
  for (int i = 0; i < 12; ++i) {
    world.client.set_now("2026-01-01T00:00:" + std::string(i < 10 ? "0" : "") + std::to_string(i) + "Z");
    world.edit_spec(
        [&](json& spec) { spec["processors"][0]["batch"]["timeout"] = std::to_string(i + 1) + "s"; });
    ASSERT_TRUE(world.turn());
  }
  EXPECT_EQ(world.client.keys(kube::config_maps()).size(), 1 + 1 + kConfigHistory);
}

TEST(ReconcilerConfig, ConfigMapAndServiceFollowTheFirstAcceptance) {
  World world;
  world.put_pipeline();
  ASSERT_TRUE(world.turn());
  const std::string old_hash = world.config_hash();
  auto [a, link_a] = world.connect_worker("a", old_hash);
  auto [b, link_b] = world.connect_worker("b", old_hash);
  world.edit_spec([](json& spec) { spec["receivers"][0]["otlp"]["grpc"]["port"] = 5555; });
  ASSERT_TRUE(world.turn());
  ASSERT_EQ(link_a->hashes.size(), 1U);
  EXPECT_THAT(link_b->hashes, IsEmpty());
  EXPECT_EQ(world.config_hash(), old_hash);
  EXPECT_EQ(world.get(kube::services(), "gateway")["spec"]["ports"][0]["port"], 4317);
  world.answer(a, link_a->hashes[0], true);
  EXPECT_THAT(link_b->hashes, ElementsAre(link_a->hashes[0]));
  ASSERT_TRUE(world.turn());
  EXPECT_EQ(world.config_hash(), link_a->hashes[0]);
  EXPECT_EQ(world.get(kube::services(), "gateway")["spec"]["ports"][0]["port"], 5555);
}

TEST(ReconcilerConfig, RejectedConfigurationChangesNothingAndIsTold) {
  World world;
  world.put_pipeline();
  ASSERT_TRUE(world.turn());
  const std::string old_hash = world.config_hash();
  auto [a, link] = world.connect_worker("a", old_hash);
  world.edit_spec([](json& spec) { spec["exporters"][0]["otlpGrpc"]["endpoint"] = "other:4317"; });
  ASSERT_TRUE(world.turn());
  world.answer(a, link->hashes.at(0), false);
  ASSERT_TRUE(world.turn());
  EXPECT_EQ(world.config_hash(), old_hash);
  EXPECT_EQ(world.condition("ConfigurationValid"), "False RejectedByWorker");
  EXPECT_THAT(world.status()["conditions"].dump(), HasSubstr("spec.exporters[0].otlpGrpc: cannot be opened"));
  EXPECT_EQ(world.status()["workers"]["rejected"], 1);
  EXPECT_THAT(world.events.told, Contains("Warning RejectedByWorker"));
}

TEST(ReconcilerConfig, ReconfigurationThatIsOverSoonNeverShowsInTheStatus) {
  World world;
  world.put_pipeline();
  ASSERT_TRUE(world.turn());
  auto [a, link] = world.connect_worker("a", world.config_hash());
  world.deployment_is_ready();
  ASSERT_TRUE(world.turn());
  ASSERT_EQ(world.condition("Ready"), "True Ready");
  world.edit_spec([](json& spec) { spec["processors"][0]["batch"]["timeout"] = "2s"; });
  const auto outcome = world.turn();
  ASSERT_TRUE(outcome && outcome->requeue_after);
  EXPECT_EQ(world.condition("Ready"), "True Ready");
  world.clock.advance(seconds(2));
  ASSERT_TRUE(world.turn());
  EXPECT_EQ(world.condition("ConfigurationValid"), "Unknown BeingTried") << "but one that takes long does";
}

TEST(ReconcilerConfig, InvalidSpecNamesTheFieldAndLeavesTheChildrenAlone) {
  World world;
  world.put_pipeline();
  ASSERT_TRUE(world.turn());
  const json before = world.get(kube::deployments(), "gateway");
  world.edit_spec([](json& spec) {
    spec["replicas"] = 5;
    spec["exporters"][0]["otlpGrpc"]["timeout"] = "yesterday";
    spec["mode"] = "Sidecar";
  });
  const auto outcome = world.turn();
  ASSERT_TRUE(outcome) << "a bad resource is no reason to try again and again";
  EXPECT_EQ(world.condition("ConfigurationValid"), "False Invalid");
  EXPECT_THAT(world.status()["conditions"].dump(), HasSubstr("spec.exporters[0].otlpGrpc.timeout"));
  EXPECT_THAT(world.status()["conditions"].dump(), HasSubstr("spec.mode"));
  EXPECT_EQ(world.get(kube::deployments(), "gateway"), before);
  EXPECT_EQ(world.status()["phase"], "Invalid");
}

TEST(ReconcilerConfig, NonsenseInTheSpecIsReportedAndOtherPipelinesGoOn) {
  World world;
  world.put_pipeline({}, "good");
  for (const json& spec : {json(), json("text"), json::array({1}), json{{"receivers", 5}}, json::object()}) {
    world.put_pipeline([&](json& object) { object["spec"] = spec; }, "bad");
    ASSERT_TRUE(world.turn("bad")) << spec;
    EXPECT_EQ(world.condition("ConfigurationValid", "bad"), "False Invalid") << spec;
  }
  ASSERT_TRUE(world.turn("good"));
  EXPECT_FALSE(world.get(kube::deployments(), "good").is_null());
}

TEST(ReconcilerConfig, TamperedConfigMapIsPutRight) {
  World world;
  world.put_pipeline();
  ASSERT_TRUE(world.turn());
  const std::string hash = world.config_hash();
  world.clock.advance(seconds(10));
  world.client.edit(kube::config_maps(), World::key("gateway-config"),
                    [](json& object) { object["data"]["config.json"] = "{}"; });
  ASSERT_TRUE(world.turn());
  EXPECT_EQ(world.config_hash(), hash);
  EXPECT_THAT(world.get(kube::config_maps(), "gateway-config")["data"]["config.json"].get<std::string>(),
              HasSubstr("\"gateway\""));
}

TEST(ReconcilerConfig, PodsWithTheOldMemoryLimitDoNotGetTheNewBudget) {
  World world;
  const auto limit = [](const char* memory) { return json{{"limits", {{"memory", memory}}}}; };
  world.put_pipeline([&](json& object) { object["spec"]["resources"] = limit("256Mi"); });
  ASSERT_TRUE(world.turn());
  // A LimitRange may give a pod a limit of its own; what counts is that of the template.
  const auto add_pod = [&](const std::string& name, const char* of_template, const char* memory) {
    world.client.edit(kube::pods(), World::key(name), [&](json& object) {
      object["apiVersion"] = "v1";
      object["kind"] = "Pod";
      object["metadata"]["labels"]["app.kubernetes.io/instance"] = "gateway";
      if (of_template != nullptr) object["metadata"]["annotations"]["otlpipe.io/memory-limit"] = of_template;
      object["spec"]["containers"] = {
          {{"name", "worker"}, {"ports", {{{"containerPort", 8888}}}}, {"resources", limit(memory)}}};
    });
  };
  add_pod("old", "268435456", "256Mi");
  auto [a, link] = world.connect_worker("old", world.config_hash());
  world.edit_spec([&](json& spec) { spec["resources"] = limit("0.5Gi"); });
  ASSERT_TRUE(world.turn());
  EXPECT_THAT(link->hashes, IsEmpty());
  EXPECT_EQ(world.status()["configHash"], world.config_hash()) << "the new pods start with it";
  add_pod("new", "536870912", "1Gi");
  auto [b, new_link] = world.connect_worker("new", "something old");
  EXPECT_THAT(new_link->hashes, Not(IsEmpty()));
  add_pod("of an older operator", nullptr, "0.5Gi");
  auto [c, older_link] = world.connect_worker("of an older operator", "something old");
  EXPECT_THAT(older_link->hashes, Not(IsEmpty()));
}

}  // namespace
}  // namespace otlpipe::controller
