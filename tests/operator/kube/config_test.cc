#include "operator/kube/config.h"

#include <gtest/gtest.h>

#include "common/tls/certificate.h"
#include "tests/operator/kube/fake_host.h"
#include "tests/support/runtime/fake_wait_clock.h"

namespace otlpipe::kube {
namespace {

using namespace std::chrono_literals;

// A kubeconfig with one context "c"; `cluster` and `user` are YAML flow mappings.
std::string kubeconfig(const std::string& cluster, const std::string& user, const std::string& context = "") {
  return "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
         "contexts: [{name: c, context: {cluster: k, user: u" +
         context + "}}]\nclusters: [{name: k, cluster: " + cluster + "}]\nusers: [{name: u, user: " + user +
         "}]\n";
}

const std::string kServer = "{server: https://10.0.0.1:6443/}";

class ConfigTest : public ::testing::Test {
 protected:
  Result<ClusterConfig> load(const std::string& text) {
    host_.files["/etc/kube/config"] = text;
    return load_config({.kubeconfig = "/etc/kube/config"}, host_, clock_);
  }
  std::string error(const std::string& text) {
    const auto config = load(text);
    EXPECT_FALSE(config);
    return config ? "" : config.error().to_string();
  }
  testing::FakeHost host_;
  runtime::testing::FakeWaitClock clock_;
};

TEST_F(ConfigTest, TokenServerAndNamespaceAreRead) {
  const auto config = load(kubeconfig(kServer, "{token: secret}", ", namespace: team"));
  ASSERT_TRUE(config) << config.error().to_string();
  EXPECT_EQ(config->server, "https://10.0.0.1:6443");
  EXPECT_EQ(config->default_namespace, "team");
  EXPECT_EQ(config->credentials->get()->bearer_token, "secret");
  EXPECT_EQ(config->origin, "context \"c\" of /etc/kube/config");
}

TEST_F(ConfigTest, PathsAreRelativeToTheirFileAndRotatedFilesAreReadAgainAfterAMinute) {
  host_.files["/etc/kube/pki/token"] = "first\n";
  const auto config = load(kubeconfig(kServer, "{tokenFile: pki/token}"));
  ASSERT_TRUE(config) << config.error().to_string();
  EXPECT_EQ(config->credentials->get()->bearer_token, "first");
  host_.files["/etc/kube/pki/token"] = "second\n";
  clock_.advance(59s);
  EXPECT_EQ(config->credentials->get()->bearer_token, "first");
  clock_.advance(1s);
  EXPECT_EQ(config->credentials->get()->bearer_token, "second");
  host_.files.erase("/etc/kube/pki/token");
  clock_.advance(2min);
  EXPECT_EQ(config->credentials->get()->bearer_token, "second")
      << "what was good stays while the file is away";
}

TEST_F(ConfigTest, RefusedTokenIsReadAgainAtOnce) {
  host_.files["/etc/kube/token"] = "first";
  const auto config = load(kubeconfig(kServer, "{tokenFile: token}"));
  ASSERT_TRUE(config);
  host_.files["/etc/kube/token"] = "second";
  config->credentials->invalidate();
  EXPECT_EQ(config->credentials->get()->bearer_token, "second");
}

TEST_F(ConfigTest, ClientCertificateFromFilesIsUsed) {
  const auto ca = tls::create_ca("ca", clock_.wall_now(), 24h);
  ASSERT_TRUE(ca);
  host_.files["/etc/kube/c.crt"] = ca->certificate_pem;
  host_.files["/etc/kube/c.key"] = ca->key_pem;
  const auto config =
      load(kubeconfig("{server: 'https://h:1', certificate-authority: c.crt, tls-server-name: api.example}",
                      "{client-certificate: c.crt, client-key: c.key}"));
  ASSERT_TRUE(config) << config.error().to_string();
  EXPECT_NE(config->credentials->get()->client_cert_pem.find("BEGIN CERTIFICATE"), std::string::npos);
  EXPECT_EQ(config->tls_server_name, "api.example");
  EXPECT_FALSE(config->ca_pem.empty());
}

TEST_F(ConfigTest, ErrorsNameTheFileAndTheField) {
  const std::string at = "/etc/kube/config: ";
  EXPECT_EQ(error(kubeconfig("{server: 10.0.0.1}", "{}")),
            at + "clusters[k].cluster.server: must be an https:// (or http://) URL");
  EXPECT_EQ(error(kubeconfig("{server: 'https://h', proxy-url: 'http://p'}", "{}")),
            at + "clusters[k].cluster.proxy-url: proxies are not supported yet; remove proxy-url or reach "
                 "the server "
                 "directly");
  EXPECT_EQ(error(kubeconfig("{server: 'https://h', certificate-authority-data: '%%'}", "{}")),
            at + "clusters[k].cluster.certificate-authority-data: not base64");
  EXPECT_EQ(error(kubeconfig(kServer, "{client-certificate-data: YQ==}")),
            at + "users[u].user: client-certificate and client-key must come together");
  EXPECT_EQ(error(kubeconfig(kServer, "{token: [1]}")), at + "users[u].user.token: must be text");
  EXPECT_NE(error(kubeconfig(kServer, "{username: a, password: b}")).find("users[u].user.username"),
            std::string::npos);
  EXPECT_NE(error(kubeconfig(kServer, "{auth-provider: {name: gcp}}")).find("use exec"), std::string::npos);
  EXPECT_NE(error(kubeconfig(kServer, "{as: root}")).find("impersonation"), std::string::npos);
  EXPECT_EQ(error(kubeconfig(kServer, "{tokenFile: missing}")),
            "/etc/kube/missing: cannot read the file: No such file or directory");
}

TEST_F(ConfigTest, WhatIsNotAKubeconfigIsRefused) {
  EXPECT_NE(error("[1, 2]").find("is not a kubeconfig"), std::string::npos);
  EXPECT_NE(error("kind: Pod").find("kind is \"Pod\""), std::string::npos);
  EXPECT_NE(error("a: [").find("/etc/kube/config:"), std::string::npos);
  EXPECT_NE(error("").find("no context is chosen"), std::string::npos);
  EXPECT_NE(error("contexts: 3\n").find("contexts: must be a list"), std::string::npos);
}

TEST_F(ConfigTest, UnknownContextTellsWhichThereAre) {
  host_.files["/k"] = kubeconfig(kServer, "{}");
  const auto config = load_config({.kubeconfig = "/k", .context = "other"}, host_, clock_);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().to_string(), "/k: there is no context \"other\" (there are: c)");
}

TEST_F(ConfigTest, SeveralFilesMergeAndTheFirstToNameAThingWins) {
  host_.variables["KUBECONFIG"] = "/a::/missing:/b";
  host_.files["/a"] = "current-context: two\nclusters: [{name: k, cluster: {server: 'https://first'}}]\n";
  host_.files["/b"] =
      "current-context: one\nclusters: [{name: k, cluster: {server: 'https://second'}}]\n"
      "contexts: [{name: two, context: {cluster: k, user: u}}]\nusers: [{name: u, user: {token: t}}]\n";
  const auto config = load_config({}, host_, clock_);
  ASSERT_TRUE(config) << config.error().to_string();
  EXPECT_EQ(config->server, "https://first");
  EXPECT_EQ(config->credentials->get()->bearer_token, "t");
}

TEST_F(ConfigTest, KubeconfigVariableOfMissingFilesIsAnError) {
  host_.variables["KUBECONFIG"] = "/missing";
  const auto config = load_config({}, host_, clock_);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().to_string(), "/missing: none of the files of KUBECONFIG is there");
}

TEST_F(ConfigTest, PodUsesItsServiceAccount) {
  const auto ca = tls::create_ca("ca", clock_.wall_now(), 24h);
  ASSERT_TRUE(ca);
  const std::string folder = "/var/run/secrets/kubernetes.io/serviceaccount/";
  host_.variables = {{"KUBERNETES_SERVICE_HOST", "fd00::1"}, {"KUBERNETES_SERVICE_PORT", "443"}};
  host_.files = {
      {folder + "ca.crt", ca->certificate_pem}, {folder + "token", "t"}, {folder + "namespace", "ops"}};
  const auto config = load_config({}, host_, clock_);
  ASSERT_TRUE(config) << config.error().to_string();
  EXPECT_EQ(config->server, "https://[fd00::1]:443");
  EXPECT_EQ(config->default_namespace, "ops");
  EXPECT_EQ(config->credentials->get()->bearer_token, "t");
  host_.files.erase(folder + "token");
  EXPECT_FALSE(load_config({}, host_, clock_))
      << "a pod without a token must not fall back to somebody's file";
}

TEST_F(ConfigTest, NothingAtAllSaysWhatToDo) {
  const auto config = load_config({}, host_, clock_);
  ASSERT_FALSE(config);
  EXPECT_NE(config.error().message.find("set KUBECONFIG"), std::string::npos);
}

TEST_F(ConfigTest, HomeDirectoryIsTheLastPlace) {
  host_.variables["HOME"] = "/home/me";
  host_.files["/home/me/.kube/config"] = kubeconfig(kServer, "{token: mine}");
  const auto config = load_config({}, host_, clock_);
  ASSERT_TRUE(config) << config.error().to_string();
  EXPECT_EQ(config->credentials->get()->bearer_token, "mine");
}

}  // namespace
}  // namespace otlpipe::kube
