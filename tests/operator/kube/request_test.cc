#include "operator/kube/request.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "operator/kube/resources.h"
#include "operator/kube/token_bucket.h"

namespace otlpipe::kube {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

Json object() {
  return {
      {"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"metadata", {{"name", "d"}, {"namespace", "ns"}}}};
}

TEST(Request, ListCarriesSelectorsAndPagesEncoded) {
  ListOptions options;
  options.ns = "ns";
  options.label_selector = "app in (a,b)";
  options.limit = 7;
  options.resource_version = "0";
  EXPECT_EQ(
      list_request(config_maps(), options)->target(),
      "/api/v1/namespaces/ns/configmaps?labelSelector=app%20in%20%28a%2Cb%29&limit=7&resourceVersion=0");
  options.continue_token = "a+b=";
  EXPECT_EQ(list_request(config_maps(), options)->query,
            "labelSelector=app%20in%20%28a%2Cb%29&limit=7&continue=a%2Bb%3D")
      << "a version beside a continue token is refused by the server";
}

TEST(Request, WatchAsksForBookmarksAndATimeout) {
  WatchOptions options;
  options.resource_version = "5";
  options.timeout = 90s;
  EXPECT_EQ(
      watch_request(deployments(), options)->target(),
      "/apis/apps/v1/deployments?watch=true&resourceVersion=5&allowWatchBookmarks=true&timeoutSeconds=90");
}

TEST(Request, ApplyGoesToTheObjectOrItsSubresource) {
  ApplyOptions options;
  const auto applied = apply_request(deployments(), object(), options);
  ASSERT_TRUE(applied);
  EXPECT_EQ(applied->method, "PATCH");
  EXPECT_EQ(applied->content_type, "application/apply-patch+yaml");
  EXPECT_EQ(applied->target(),
            "/apis/apps/v1/namespaces/ns/deployments/d?fieldManager=otlpipe-operator&force=true");
  options.subresource = "status";
  options.force = false;
  options.dry_run = true;
  EXPECT_EQ(apply_request(deployments(), object(), options)->target(),
            "/apis/apps/v1/namespaces/ns/deployments/d/"
            "status?fieldManager=otlpipe-operator&force=false&dryRun=All");
}

TEST(Request, DeletePreconditionsAreInTheBody) {
  const auto request = delete_request(config_maps(), {"ns", "a"}, {.uid = "u", .resource_version = "7"});
  ASSERT_TRUE(request);
  EXPECT_EQ(Json::parse(request->body)["preconditions"], (Json{{"uid", "u"}, {"resourceVersion", "7"}}));
  EXPECT_EQ(Json::parse(request->body)["propagationPolicy"], "Background");
}

TEST(Request, NamesThatWouldChangeThePathAreRefused) {
  for (const char* name : {"", ".", "..", "a/b", "a?b", "a#b", "a%2fb", "a b", "a\nb", "\xc3\xa4"}) {
    EXPECT_FALSE(get_request(config_maps(), {"ns", name})) << name;
    if (*name != '\0') {
      EXPECT_FALSE(list_request(config_maps(), {.ns = name})) << name;
    }
  }
  EXPECT_TRUE(get_request(config_maps(), {"ns", "kube-root-ca.crt"}));
}

TEST(Request, NamespacedKindNeedsANamespaceToBeNamed) {
  const auto request = get_request(config_maps(), {"", "a"});
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().where, "metadata.namespace");
  EXPECT_TRUE(get_request(namespaces(), {"", "a"}));
}

TEST(Request, TextThatIsNotUtf8DoesNotThrow) {
  Json odd = object();
  odd["metadata"]["annotations"]["a"] = "\xff\xfe";
  EXPECT_TRUE(create_request(deployments(), odd));
}

TEST(TokenBucket, BurstIsFreeThenRequestsAreSpread) {
  TokenBucket bucket(10, 3);
  const MonotonicTime now{1h};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bucket.take(now), 0s);
  EXPECT_EQ(bucket.take(now), 100ms);
  EXPECT_EQ(bucket.take(now), 200ms);
  EXPECT_EQ(bucket.take(now + 10s), 0s);
}

TEST(TokenBucket, ZeroRateNeverWaits) {
  TokenBucket bucket(0, 0);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(bucket.take(MonotonicTime{1h}), 0s);
}

}  // namespace
}  // namespace otlpipe::kube
