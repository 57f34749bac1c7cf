#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "operator/kube/base64.h"
#include "operator/kube/config.h"
#include "operator/kube/credentials.h"
#include "tests/operator/kube/fake_host.h"
#include "tests/support/runtime/fake_wait_clock.h"

namespace otlpipe::kube {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

std::string answer(const Json& status, const std::string& version = "client.authentication.k8s.io/v1") {
  return Json{{"apiVersion", version}, {"kind", "ExecCredential"}, {"status", status}}.dump();
}

class ExecCredentialTest : public ::testing::Test {
 protected:
  Result<ClusterConfig> load(const std::string& exec) {
    host_.files["/k/config"] =
        "current-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]\n"
        "clusters: [{name: k, cluster: {server: 'https://h:1'}}]\nusers: [{name: u, user: {exec: " +
        exec + "}}]\n";
    return load_config({.kubeconfig = "/k/config"}, host_, clock_);
  }
  testing::FakeHost host_;
  runtime::testing::FakeWaitClock clock_;
};

constexpr const char* kPlugin =
    "{apiVersion: client.authentication.k8s.io/v1, command: bin/plugin, args: [get, token], "
    "env: [{name: A, value: b}], installHint: install it, provideClusterInfo: true}";

TEST_F(ExecCredentialTest, PluginIsRunAsConfiguredAndItsAnswerKeptUntilItExpires) {
  const auto config = load(kPlugin);
  ASSERT_TRUE(config) << config.error().to_string();
  host_.output = answer({{"token", "one"}, {"expirationTimestamp", "2026-01-01T00:01:00Z"}});
  EXPECT_EQ(config->credentials->get()->bearer_token, "one");
  host_.output = answer({{"token", "two"}});
  clock_.advance(49s);
  EXPECT_EQ(config->credentials->get()->bearer_token, "one");
  clock_.advance(2s);  // ten seconds before it ends
  EXPECT_EQ(config->credentials->get()->bearer_token, "two");
  clock_.advance(240h);
  EXPECT_EQ(config->credentials->get()->bearer_token, "two") << "without an expiry it is kept";
  ASSERT_EQ(host_.runs.size(), 2U);
  const Command& run = host_.runs[0];
  EXPECT_EQ(run.program, "/k/bin/plugin") << "relative to the kubeconfig";
  EXPECT_EQ(run.arguments, (std::vector<std::string>{"get", "token"}));
  EXPECT_EQ(run.environment.at("A"), "b");
  const Json info = Json::parse(run.environment.at("KUBERNETES_EXEC_INFO"));
  EXPECT_EQ(info["kind"], "ExecCredential");
  EXPECT_EQ(info["spec"]["cluster"]["server"], "https://h:1");
  EXPECT_EQ(info["spec"]["interactive"], false);
}

TEST_F(ExecCredentialTest, RefusedCredentialIsAskedForAgain) {
  const auto config = load(kPlugin);
  ASSERT_TRUE(config);
  host_.output = answer({{"token", "one"}});
  EXPECT_EQ(config->credentials->get()->bearer_token, "one");
  host_.output = answer({{"clientCertificateData", "C"}, {"clientKeyData", "K"}});
  config->credentials->invalidate();
  EXPECT_EQ(config->credentials->get()->client_cert_pem, "C");
}

TEST_F(ExecCredentialTest, MissingPluginTellsHowToInstallIt) {
  const auto config = load(kPlugin);
  ASSERT_TRUE(config);
  const auto got = config->credentials->get();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Code::kUnauthenticated);
  EXPECT_EQ(
      got.error().to_string(),
      "credential plugin /k/bin/plugin: cannot start the program: No such file or directory. install it");
}

TEST_F(ExecCredentialTest, ConfigurationThatCannotWorkIsRefusedAtOnce) {
  EXPECT_NE(load("{apiVersion: client.authentication.k8s.io/v1alpha1, command: p}")
                .error()
                .where.find("exec.apiVersion"),
            std::string::npos);
  EXPECT_NE(load("{apiVersion: client.authentication.k8s.io/v1}").error().where.find("exec.command"),
            std::string::npos);
  EXPECT_NE(load("{apiVersion: client.authentication.k8s.io/v1, command: p, interactiveMode: Always}")
                .error()
                .where.find("exec.interactiveMode"),
            std::string::npos);
  EXPECT_NE(load("{apiVersion: client.authentication.k8s.io/v1, command: p, args: [1]}")
                .error()
                .where.find("exec.args"),
            std::string::npos);
  EXPECT_NE(load("[]").error().where.find("users[u].user.exec"), std::string::npos);
}

TEST(ParseExecCredential, EachWayToBeWrongHasItsReason) {
  const std::string v1 = "client.authentication.k8s.io/v1";
  const std::pair<std::string, std::string> kCases[] = {
      {"hello", "not a JSON object"},
      {"{}", "not an ExecCredential"},
      {answer({{"token", "t"}}, "client.authentication.k8s.io/v1beta1"), "apiVersion"},
      {answer(Json::object()), "neither status.token nor"},
      {answer({{"clientCertificateData", "c"}}), "must come together"},
      {answer({{"token", "a\nb"}}), "line break"},
      {answer({{"token", "t"}, {"expirationTimestamp", "tomorrow"}}), "expirationTimestamp"}};
  for (const auto& [output, reason] : kCases) {
    const auto parsed = parse_exec_credential(output, v1);
    ASSERT_FALSE(parsed) << output;
    EXPECT_NE(parsed.error().message.find(reason), std::string::npos) << parsed.error().message;
  }
}

TEST(Base64, RoundTripsOfTheRfcAndRefusals) {
  EXPECT_EQ(decode_base64("").value(), "");
  EXPECT_EQ(decode_base64("Zg==").value(), "f");
  EXPECT_EQ(decode_base64("Zm8=").value(), "fo");
  EXPECT_EQ(decode_base64("Zm9v\nYmFy\n").value(), "foobar");
  for (const char* bad : {"Z", "Zg", "Zg=", "Zg===", "Z===", "Zg==Zg==", "Zm9v!", "Zm-_"}) {
    EXPECT_FALSE(decode_base64(bad)) << bad;
  }
}

TEST(SystemHost, ProgramsRunWithTheirEnvironmentAndFailWithTheirComplaint) {
  const SystemHost host;
  const auto good = host.run(
      {.program = "sh", .arguments = {"-c", "echo $GREETING; cat"}, .environment = {{"GREETING", "hi"}}});
  ASSERT_TRUE(good) << good.error().to_string();
  EXPECT_EQ(*good, "hi\n") << "standard input is empty";
  const auto bad = host.run({.program = "sh", .arguments = {"-c", "echo no such user >&2; exit 3"}});
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().message, "the program failed with exit code 3: no such user ");
  EXPECT_EQ(host.run({.program = "/no/such/program"}).error().code, Code::kNotFound);
}

TEST(SystemHost, ProgramThatHangsOrFloodsIsEndedWithItsChildren) {
  const SystemHost host;
  const auto hangs = host.run({.program = "sh", .arguments = {"-c", "sleep 600 & sleep 600"}, .timeout = 1s});
  ASSERT_FALSE(hangs);
  EXPECT_EQ(hangs.error().code, Code::kDeadlineExceeded);
  const auto floods = host.run({.program = "sh", .arguments = {"-c", "yes"}, .max_output_bytes = 1000});
  ASSERT_FALSE(floods);
}

TEST(SystemHost, FilesAreReadWholeAndMissingOnesNamed) {
  const SystemHost host;
  EXPECT_TRUE(host.read_file("/proc/self/status"));
  const auto missing = host.read_file("/no/such/file");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().to_string(), "/no/such/file: cannot read the file: No such file or directory");
  EXPECT_EQ(missing.error().code, Code::kNotFound);
  EXPECT_FALSE(host.read_file("/")) << "a folder";
}

}  // namespace
}  // namespace otlpipe::kube
