#include "tests/support/kube/fake_client.h"

#include "tests/operator/kube/client_contract.h"

namespace otlpipe::kube::testing {
namespace {

using Json = nlohmann::json;

INSTANTIATE_TEST_SUITE_P(
    Fake, ClientContract,
    ::testing::Values(ContractParam{
        "fake", [] { return ContractWorld{std::make_shared<FakeClient>(), "default", nullptr}; }}),
    [](const auto& tested) { return tested.param.name; });

Json child(const std::string& name, const Json& owner) {
  Json object = {
      {"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", name}, {"namespace", "ns"}}}};
  set_controller_reference(object, owner);
  return object;
}

TEST(FakeClient, DeletedOwnerTakesItsChildrenAlong) {
  FakeClient fake;
  const Json owner = fake.edit(deployments(), {"ns", "owner"}, [](Json&) {});
  const auto middle = fake.create(config_maps(), child("middle", owner));
  ASSERT_TRUE(middle);
  ASSERT_TRUE(fake.create(config_maps(), child("leaf", *middle)));
  ASSERT_TRUE(fake.remove(deployments(), {"ns", "owner"}, {}));
  EXPECT_TRUE(fake.keys(config_maps()).empty());
}

TEST(FakeClient, CompactionEndsOldWatchesAndTokensWith410) {
  FakeClient fake;
  for (int i = 0; i < 3; ++i) fake.edit(config_maps(), {"ns", std::to_string(i)}, [](Json&) {});
  const auto page = fake.list(config_maps(), {.limit = 1});
  ASSERT_TRUE(page);
  fake.compact();
  const auto next = fake.list(config_maps(), {.continue_token = (*page)["metadata"]["continue"], .limit = 1});
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().code, Code::kOutOfRange);
  const WatchOptions options{.resource_version = (*page)["metadata"]["resourceVersion"]};
  const Status watched = fake.watch(config_maps(), options, [](WatchEventType, Json&&) {}, {});
  ASSERT_FALSE(watched);
  EXPECT_EQ(watched.error().code, Code::kOutOfRange);
}

TEST(FakeClient, ApplyMergesListsByKeyAndDropsItemsThatLeave) {
  FakeClient fake;
  const auto with = [](Json env) {
    return Json{{"apiVersion", "apps/v1"},
                {"kind", "Deployment"},
                {"metadata", {{"name", "d"}, {"namespace", "ns"}}},
                {"spec", {{"containers", {{{"name", "c"}, {"image", "i"}, {"env", std::move(env)}}}}}}};
  };
  const Json a = {{"name", "A"}, {"value", "1"}};
  const Json b = {{"name", "B"}, {"value", "2"}};
  ASSERT_TRUE(fake.apply(deployments(), with({a, b}), {}));
  fake.edit(deployments(), {"ns", "d"}, [](Json& object) {
    object["spec"]["containers"][0]["env"].push_back({{"name", "X"}, {"value", "theirs"}});
  });
  const auto applied = fake.apply(deployments(), with(Json::array({b})), {});
  ASSERT_TRUE(applied) << applied.error().to_string();
  EXPECT_EQ((*applied)["spec"]["containers"][0]["env"], (Json{b, {{"name", "X"}, {"value", "theirs"}}}));
  EXPECT_EQ(generation(*applied), 3);
}

TEST(FakeClient, FaultHookDecidesTheResultOfACall) {
  FakeClient fake;
  fake.set_fault([](const Call& call) -> std::optional<Error> {
    if (call.verb != "get") return std::nullopt;
    return Error{Code::kUnavailable, "down", "", Retry::backoff()};
  });
  EXPECT_EQ(fake.get(secrets(), {"ns", "s"}).error().code, Code::kUnavailable);
  EXPECT_TRUE(fake.list(secrets(), {}));
}

}  // namespace
}  // namespace otlpipe::kube::testing
