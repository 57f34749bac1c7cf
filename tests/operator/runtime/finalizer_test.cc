#include "operator/runtime/finalizer.h"

#include <gtest/gtest.h>

#include "operator/kube/resources.h"
#include "tests/support/kube/fake_client.h"

namespace otlpipe::runtime {
namespace {

using Json = nlohmann::json;

class FinalizerTest : public ::testing::Test {
 protected:
  Json stored() { return fake_.peek(kube::config_maps(), key_); }
  Json make(const Json& finalizers) {
    return fake_.edit(kube::config_maps(), key_, [&](Json& o) { o["metadata"]["finalizers"] = finalizers; });
  }
  kube::testing::FakeClient fake_;
  kube::ObjectKey key_{"ns", "a"};
};

TEST_F(FinalizerTest, AddKeepsTheOthersAndIsIdempotent) {
  const Json object = make({"other/x"});
  const auto added = add_finalizer(fake_, kube::config_maps(), object, "me/y");
  ASSERT_TRUE(added) << added.error().to_string();
  EXPECT_EQ(stored()["metadata"]["finalizers"], (Json{"other/x", "me/y"}));
  const auto again = add_finalizer(fake_, kube::config_maps(), *added, "me/y");
  ASSERT_TRUE(again);
  EXPECT_EQ(fake_.calls().size(), 1U);
}

TEST_F(FinalizerTest, AddOnAnOldVersionIsAbortedAndLosesNothing) {
  const Json old = make({"other/x"});
  make({"other/x", "third/z"});
  const auto added = add_finalizer(fake_, kube::config_maps(), old, "me/y");
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, Code::kAborted);
  EXPECT_EQ(stored()["metadata"]["finalizers"], (Json{"other/x", "third/z"}));
}

TEST_F(FinalizerTest, ObjectThatIsBeingDeletedGetsNoNewFinalizer) {
  make({"other/x"});
  ASSERT_TRUE(fake_.remove(kube::config_maps(), key_, {}));
  fake_.clear_calls();
  ASSERT_TRUE(add_finalizer(fake_, kube::config_maps(), stored(), "me/y"));
  EXPECT_TRUE(fake_.calls().empty());
}

TEST_F(FinalizerTest, RemovingTheLastOneLetsTheObjectGo) {
  make({"me/y"});
  ASSERT_TRUE(fake_.remove(kube::config_maps(), key_, {}));
  const Json held = stored();
  ASSERT_TRUE(kube::is_deleting(held));
  ASSERT_TRUE(remove_finalizer(fake_, kube::config_maps(), held, "me/y"));
  EXPECT_TRUE(stored().is_null());
  EXPECT_TRUE(remove_finalizer(fake_, kube::config_maps(), held, "me/y")) << "gone is as good as removed";
}

}  // namespace
}  // namespace otlpipe::runtime
