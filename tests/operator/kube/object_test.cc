#include "operator/kube/object.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "operator/kube/resources.h"

namespace otlpipe::kube {
namespace {

using Json = nlohmann::json;

Json owner(const std::string& name) {
  return {{"apiVersion", "otlpipe.io/v1alpha1"},
          {"kind", "OtlpPipeline"},
          {"metadata", {{"name", name}, {"namespace", "ns"}, {"uid", "uid-" + name}}}};
}

TEST(Object, PathsFollowGroupVersionAndNamespace) {
  EXPECT_EQ(config_maps().collection_path("ns"), "/api/v1/namespaces/ns/configmaps");
  EXPECT_EQ(deployments().collection_path(""), "/apis/apps/v1/deployments");
  EXPECT_EQ(namespaces().collection_path("ignored"), "/api/v1/namespaces");
  EXPECT_EQ(deployments().api_version(), "apps/v1");
}

TEST(Object, AccessorsOfWrongTypesAnswerEmpty) {
  for (const Json& object : {Json(), Json::array(), Json(3), Json{{"metadata", "text"}},
                             Json{{"metadata", {{"name", 1}, {"labels", {1}}, {"ownerReferences", "x"}}}}}) {
    EXPECT_EQ(name(object), "");
    EXPECT_EQ(label(object, "a"), "");
    EXPECT_TRUE(labels(object).empty());
    EXPECT_TRUE(owner_references(object).empty());
    EXPECT_TRUE(finalizers(object).empty());
    EXPECT_EQ(generation(object), 0);
    EXPECT_FALSE(is_deleting(object));
  }
}

TEST(Object, ControllerReferenceReplacesAnEarlierControllerAndKeepsOtherOwners) {
  Json object = {{"metadata", {{"ownerReferences", {{{"uid", "u1"}, {"kind", "Other"}, {"name", "x"}}}}}}};
  set_controller_reference(object, owner("a"));
  set_controller_reference(object, owner("b"));
  ASSERT_EQ(owner_references(object).size(), 2U);
  EXPECT_TRUE(is_controlled_by(object, "uid-b"));
  EXPECT_FALSE(is_controlled_by(object, "uid-a"));
  EXPECT_EQ(controller_of(object)->name, "b");
}

TEST(Object, NothingIsControlledByAnEmptyUid) {
  Json object;
  Json nameless = owner("a");
  nameless["metadata"].erase("uid");
  set_controller_reference(object, nameless);
  EXPECT_FALSE(is_controlled_by(object, ""));
}

TEST(Object, StripRemovesWhatIsLargeAndNothingElse) {
  Json object = {
      {"metadata",
       {{"managedFields", Json::array()},
        {"annotations", {{"kubectl.kubernetes.io/last-applied-configuration", "{}"}, {"keep", "1"}}}}}};
  strip_bulk(object);
  EXPECT_EQ(object, (Json{{"metadata", {{"annotations", {{"keep", "1"}}}}}}));
}

}  // namespace
}  // namespace otlpipe::kube
