#include "operator/controller/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "operator/controller/drift.h"
#include "operator/kube/resources.h"

namespace otlpipe::controller {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const MonotonicTime kNow{std::chrono::hours(1)};

render::Child child(const kube::Resource& resource, const std::string& name, const json& spec,
                    const std::string& replicas_owner = "") {
  json object = {{"apiVersion", resource.api_version()},
                 {"kind", resource.kind},
                 {"metadata", {{"name", name}, {"namespace", "ns"}}},
                 {"spec", spec}};
  if (!replicas_owner.empty()) {
    object["metadata"]["annotations"]["otlpipe.io/replicas-owner"] = replicas_owner;
  }
  return {resource, object};
}

kube::ObjectPtr live(const render::Child& of, const std::string& uid = "u1") {
  json object = of.object;
  object["metadata"]["uid"] = uid;
  return std::make_shared<const json>(std::move(object));
}

// A desired Service that exists as it was applied `ago`.
struct Settled {
  render::Child service = child(kube::services(), "gateway", {{"port", 4317}});
  PlanInput input;
  AppliedMemory memory;

  explicit Settled(Duration ago = seconds(60)) {
    input.desired = {service};
    input.mine[id_of(service)] = live(service);
    memory[id_of(service)] = {service.object, project(service.object, *live(service)), kNow - ago};
  }
};

TEST(Plan, MissingChildIsCreated) {
  PlanInput input{.desired = {child(kube::services(), "gateway", {})}};
  const Plan plan = make_plan(input, {}, kNow);
  ASSERT_THAT(plan.actions, SizeIs(1));
  EXPECT_EQ(plan.actions[0].kind, Action::Kind::kCreate);
  EXPECT_EQ(plan.actions[0].uid, "");
}

TEST(Plan, SecondRunOverTheSameWorldDoesNothing) {
  const Settled settled;
  EXPECT_THAT(make_plan(settled.input, settled.memory, kNow).actions, IsEmpty());
}

TEST(Plan, NewProcessAppliesWhatItHasNotAppliedItself) {
  const Settled settled;
  const Plan plan = make_plan(settled.input, {}, kNow);
  ASSERT_THAT(plan.actions, SizeIs(1));
  EXPECT_EQ(plan.actions[0].kind, Action::Kind::kUpdate);
  EXPECT_EQ(plan.actions[0].uid, "u1");
}

TEST(Plan, ChangedWishIsAppliedAtOnce) {
  Settled settled(seconds(0));
  settled.input.desired = {child(kube::services(), "gateway", {{"port", 9999}})};
  EXPECT_THAT(make_plan(settled.input, settled.memory, kNow).actions, SizeIs(1));
}

TEST(Plan, DriftIsRepaired) {
  Settled settled;
  settled.input.mine[id_of(settled.service)] = live(child(kube::services(), "gateway", {{"port", 1}}));
  EXPECT_THAT(make_plan(settled.input, settled.memory, kNow).actions, SizeIs(1));
}

TEST(Plan, FightOverAChildIsNotFoughtAtFullSpeed) {
  Settled settled(seconds(1));
  settled.input.mine[id_of(settled.service)] = live(child(kube::services(), "gateway", {{"port", 1}}));
  const Plan plan = make_plan(settled.input, settled.memory, kNow);
  EXPECT_THAT(plan.actions, IsEmpty());
  EXPECT_TRUE(plan.postponed);
}

TEST(Plan, ForeignObjectIsNeverTouched) {
  PlanInput input{
      .desired = {child(kube::services(), "gateway", {}), child(kube::config_maps(), "gateway-config", {})}};
  input.foreign = {{kube::services(), "gateway"}};
  const Plan plan = make_plan(input, {}, kNow);
  EXPECT_THAT(plan.conflicts, ElementsAre("Service gateway"));
  ASSERT_THAT(plan.actions, SizeIs(1));
  EXPECT_EQ(plan.actions[0].id.name, "gateway-config");
}

TEST(Plan, WhatIsNoLongerWantedIsDeletedByItsUid) {
  Settled settled;
  settled.input.desired.clear();
  const Plan plan = make_plan(settled.input, settled.memory, kNow);
  ASSERT_THAT(plan.actions, SizeIs(1));
  EXPECT_EQ(plan.actions[0].kind, Action::Kind::kDelete);
  EXPECT_EQ(plan.actions[0].uid, "u1");
}

TEST(Plan, WhatIsKeptOrAlreadyGoingIsNotDeleted) {
  Settled settled;
  settled.input.desired.clear();
  settled.input.keep = {id_of(settled.service)};
  EXPECT_THAT(make_plan(settled.input, settled.memory, kNow).actions, IsEmpty());
  settled.input.keep.clear();
  json going = *live(settled.service);
  going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  settled.input.mine[id_of(settled.service)] = std::make_shared<const json>(going);
  EXPECT_THAT(make_plan(settled.input, settled.memory, kNow).actions, IsEmpty());
}

TEST(Plan, AutoscalerTakesReplicasOverByAHandOver) {
  const auto before = child(kube::deployments(), "gateway", {{"replicas", 2}}, "spec");
  const auto after = child(kube::deployments(), "gateway", json::object(), "autoscaler");
  PlanInput input{.desired = {after}, .mine = {{id_of(before), live(before)}}};
  const Plan plan = make_plan(input, {}, kNow);
  ASSERT_THAT(plan.actions, SizeIs(1));
  EXPECT_EQ(plan.actions[0].kind, Action::Kind::kHandOver);
}

TEST(Plan, ReplicasThatTheAutoscalerOwnsAreNotHandedOverAgain) {
  const auto after = child(kube::deployments(), "gateway", json::object(), "autoscaler");
  PlanInput input{.desired = {after}, .mine = {{id_of(after), live(after)}}};
  EXPECT_EQ(make_plan(input, {}, kNow).actions.at(0).kind, Action::Kind::kUpdate);
}

}  // namespace
}  // namespace otlpipe::controller
