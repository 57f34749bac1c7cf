#include "operator/app/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "operator/app/settings.h"

namespace otlpipe::app {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Parsed {
  Options options;
  std::optional<Exit> exit;
};
Parsed parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "otlpipe-operator");
  Parsed parsed;
  parsed.options = parse_options(static_cast<int>(arguments.size()), arguments.data(), "0.1.0", parsed.exit);
  return parsed;
}

TEST(OperatorOptions, DefaultsAreThoseOfTheContract) {
  const Parsed parsed = parse({});
  ASSERT_FALSE(parsed.exit);
  EXPECT_EQ(parsed.options.ns, "");
  EXPECT_TRUE(parsed.options.leader_elect);
  EXPECT_EQ(parsed.options.metrics.port, 8080);
  EXPECT_EQ(parsed.options.health.port, 8081);
  EXPECT_EQ(parsed.options.control.port, 9443);
}

TEST(OperatorOptions, FlagsAreTakenAsTheContractWritesThem) {
  const Parsed parsed =
      parse({"--namespace", "obs", "--kubeconfig=/k", "--leader-elect=false", "--metrics-bind", ":1",
             "--health-bind", "127.0.0.1:2", "--control-bind", "[::1]:3", "--log-level", "debug",
             "--worker-image", "w:1", "--control-endpoint", "op:9"});
  ASSERT_FALSE(parsed.exit) << parsed.exit->text;
  EXPECT_EQ(parsed.options.ns, "obs");
  EXPECT_EQ(parsed.options.kubeconfig, "/k");
  EXPECT_FALSE(parsed.options.leader_elect);
  EXPECT_EQ(parsed.options.metrics.address, "0.0.0.0");
  EXPECT_EQ(parsed.options.metrics.port, 1);
  EXPECT_EQ(parsed.options.health.address, "127.0.0.1");
  EXPECT_EQ(parsed.options.control.address, "[::1]");
  EXPECT_EQ(parsed.options.control.port, 3);
  EXPECT_EQ(parsed.options.log_level, LogLevel::kDebug);
}

TEST(OperatorOptions, LeaderElectTrueIsTakenToo) {
  EXPECT_TRUE(parse({"--leader-elect=true"}).options.leader_elect);
  EXPECT_TRUE(parse({"--leader-elect"}).options.leader_elect);
}

TEST(OperatorOptions, UsageErrorsAreOneLineAndCode2) {
  for (const std::vector<const char*>& arguments : {std::vector<const char*>{"--nonsense"},
                                                    {"--metrics-bind", "8080"},
                                                    {"--metrics-bind", ":99999"},
                                                    {"--log-level", "loud"},
                                                    {"--webhook-bind", ":9444"},
                                                    {"--reconcilers", "0"},
                                                    {"extra"}}) {
    const Parsed parsed = parse(arguments);
    ASSERT_TRUE(parsed.exit) << arguments[0];
    EXPECT_EQ(parsed.exit->code, 2);
    EXPECT_EQ(std::count(parsed.exit->text.begin(), parsed.exit->text.end(), '\n'), 1) << parsed.exit->text;
  }
  EXPECT_THAT(parse({"--webhook-bind", ":9444"}).exit->text, HasSubstr("not supported yet"));
  EXPECT_THAT(parse({"--log-level", "loud"}).exit->text, HasSubstr("--log-level"));
}

TEST(OperatorOptions, HelpAndVersionEndWith0) {
  EXPECT_EQ(parse({"--help"}).exit->code, 0);
  EXPECT_THAT(parse({"--help"}).exit->text, HasSubstr("--control-endpoint"));
  EXPECT_EQ(parse({"--version"}).exit->text, "otlpipe-operator 0.1.0\n");
}

TEST(OperatorSettings, WorkersReachTheOperatorByItsService) {
  const auto control = control_settings(parse({}).options, "otlpipe-system");
  EXPECT_EQ(control.endpoint, "otlpipe-operator.otlpipe-system.svc:9443");
  EXPECT_EQ(control.server_name, "otlpipe-operator.otlpipe-system.svc");
  EXPECT_EQ(control.ca_file, "/etc/otlpipe/control-ca.crt");
  EXPECT_EQ(control.token_file, "/var/run/secrets/otlpipe/token");
}

TEST(OperatorSettings, CertificateCarriesTheHostOfAnyEndpoint) {
  const auto names = [](const char* endpoint) {
    const Options options = parse({"--control-endpoint", endpoint}).options;
    return certificate_options(options, "ns", control_settings(options, "ns"));
  };
  EXPECT_THAT(names("op.example:9").dns_names, Contains("op.example"));
  EXPECT_THAT(names("10.1.2.3:9").ip_addresses, ElementsAre("10.1.2.3"));
  EXPECT_THAT(names("[fd00::1]:9").ip_addresses, ElementsAre("fd00::1"));
}

TEST(OperatorSettings, WorkersComeFromTheSameReleaseUnlessToldOtherwise) {
  EXPECT_EQ(worker_image(parse({}).options, "0.1.0"), "ghcr.io/otlpipe/otlpipe-worker:0.1.0");
  EXPECT_EQ(worker_image(parse({"--worker-image", "w:1"}).options, "0.1.0"), "w:1");
}

}  // namespace
}  // namespace otlpipe::app
