#include "operator/control/authenticator.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "operator/api/pipeline.h"
#include "operator/kube/resources.h"
#include "tests/operator/control/reviewing_client.h"

namespace otlpipe::control {
namespace {

using nlohmann::json;

kube::ObjectPtr object(const std::string& name, const std::string& uid, const std::string& owner_kind = "",
                       const std::string& owner = "", const std::string& owner_uid = "") {
  json result = {{"metadata", {{"name", name}, {"namespace", "ns"}, {"uid", uid}}}};
  if (!owner.empty()) {
    result["metadata"]["ownerReferences"] = {{{"apiVersion", "v1"},
                                              {"kind", owner_kind},
                                              {"name", owner},
                                              {"uid", owner_uid},
                                              {"controller", true}}};
  }
  return std::make_shared<const json>(std::move(result));
}

// The pod "gateway-1-a" of the ReplicaSet "gateway-1" of the Deployment of the pipeline "gateway".
class AuthenticatorTest : public ::testing::Test {
 protected:
  AuthenticatorTest() {
    pipelines_.upsert(object("gateway", "u-pipeline"));
    deployments_.upsert(object("gateway", "u-deployment", "OtlpPipeline", "gateway", "u-pipeline"));
    pods_.upsert(object("gateway-1-a", "u-pod", "ReplicaSet", "gateway-1", "u-rs"));
    put({"apps", "v1", "replicasets", "ReplicaSet"},
        *object("gateway-1", "u-rs", "Deployment", "gateway", "u-deployment"));
    client_.users["good"] = {.namespace_and_account = "ns:gateway", .pod = "gateway-1-a", .pod_uid = "u-pod"};
  }
  void put(const kube::Resource& resource, json object) {
    object["apiVersion"] = resource.api_version();
    object["kind"] = resource.kind;
    client_.objects[resource.plural + "/" + std::string(kube::name(object))] = object;
  }
  Code ask(const std::string& token) {
    const auto answer = authenticator_.authenticate(token, claim_);
    return answer ? Code{} : answer.error().code;
  }

  static constexpr Code kWelcome{};
  testing::ReviewingClient client_;
  runtime::Cache pipelines_;
  runtime::Cache deployments_;
  runtime::Cache pods_;
  KubeAuthenticator authenticator_{client_, pipelines_, deployments_, pods_};
  Claim claim_{.pipeline = {"ns", "gateway"}, .pod = "gateway-1-a", .pod_uid = "u-pod", .version = "0.1.0"};
};

TEST_F(AuthenticatorTest, WorkerOfThePipelineIsWelcome) {
  EXPECT_EQ(ask("good"), kWelcome);
}

TEST_F(AuthenticatorTest, TokenThatProvesNothingIsUnauthenticated) {
  EXPECT_EQ(ask(""), Code::kUnauthenticated);
  EXPECT_EQ(ask("forged"), Code::kUnauthenticated);
}

TEST_F(AuthenticatorTest, TokenForAnotherAudienceIsUnauthenticated) {
  client_.users["good"].audience = "https://kubernetes.default.svc";
  EXPECT_EQ(ask("good"), Code::kUnauthenticated);
}

TEST_F(AuthenticatorTest, TokenOfAnotherNamespaceIsDenied) {
  client_.users["good"].namespace_and_account = "ns2:gateway";
  EXPECT_EQ(ask("good"), Code::kPermissionDenied);
}

TEST_F(AuthenticatorTest, TokenOfAnotherPodIsDenied) {
  client_.users["good"].pod = "gateway-1-b";
  EXPECT_EQ(ask("good"), Code::kPermissionDenied);
  client_.users["good"] = {.namespace_and_account = "ns:gateway", .pod = "gateway-1-a", .pod_uid = "u-older"};
  EXPECT_EQ(ask("good"), Code::kPermissionDenied);
}

TEST_F(AuthenticatorTest, TokenThatIsBoundToNoPodIsDenied) {
  client_.users["good"].pod = "";
  EXPECT_EQ(ask("good"), Code::kPermissionDenied);
}

TEST_F(AuthenticatorTest, PodOfAnotherWorkloadIsDenied) {
  put({"apps", "v1", "replicasets", "ReplicaSet"},
      *object("gateway-1", "u-rs", "Deployment", "other", "u-other"));
  EXPECT_EQ(ask("good"), Code::kPermissionDenied);
}

TEST_F(AuthenticatorTest, PodThatNothingControlsIsDenied) {
  pods_.upsert(object("gateway-1-a", "u-pod"));
  EXPECT_EQ(ask("good"), Code::kPermissionDenied);
}

TEST_F(AuthenticatorTest, PipelineThatIsNotThereIsDenied) {
  claim_.pipeline.name = "other";
  EXPECT_EQ(ask("good"), Code::kPermissionDenied);
}

TEST_F(AuthenticatorTest, PodThatTheCacheDoesNotKnowYetIsLookedUp) {
  pods_.replace({});
  EXPECT_EQ(ask("good"), Code::kNotFound);
  put(kube::pods(), *object("gateway-1-a", "u-pod", "ReplicaSet", "gateway-1", "u-rs"));
  EXPECT_EQ(ask("good"), kWelcome);
}

TEST_F(AuthenticatorTest, ApiServerThatDoesNotAnswerIsNoDenial) {
  client_.down = true;
  EXPECT_EQ(ask("good"), Code::kUnavailable);
}

}  // namespace
}  // namespace otlpipe::control
