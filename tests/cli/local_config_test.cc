#include "cli/local_config.h"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "otlpipe/v1alpha1/worker_config.pb.h"
#include "proto/schema/decode.h"
#include "tests/cli/temp_folder.h"

namespace otlpipe::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

LocalConfig config_of(const std::string& text, RunOptions options = {}) {
  options.file = "f.yaml";
  return local_config(options, text);
}

TEST(LocalConfig, BindsEveryListenerToThisMachineOnly) {
  RunOptions options;
  options.ports = {{"otlp.http", 0}};
  const LocalConfig config = config_of(pipeline_yaml("a"), options);
  ASSERT_THAT(config.errors, IsEmpty());
  v1alpha1::WorkerConfig worker;
  ASSERT_THAT(schema::decode(nlohmann::json::parse(config.json), worker, ""), IsEmpty());
  ASSERT_EQ(worker.listeners_size(), 3);
  for (const auto& listener : worker.listeners()) EXPECT_EQ(listener.address(), "127.0.0.1");
  EXPECT_FALSE(worker.listeners(0).has_port());
  EXPECT_EQ(worker.listeners(1).protocol(), v1alpha1::LISTENER_PROTOCOL_HTTP);
  EXPECT_TRUE(worker.listeners(1).has_port());
  EXPECT_EQ(worker.listeners(1).port(), 0);
  EXPECT_EQ(worker.identity().name(), "a");
}

TEST(LocalConfig, PortOfAnUnknownListenerIsAnErrorThatNamesTheKnownOnes) {
  RunOptions options;
  options.ports = {{"other.grpc", 1}};
  EXPECT_THAT(
      config_of(pipeline_yaml("a"), options).errors,
      ElementsAre(
          "--set-port other.grpc=1: there is no such listener, there are: metrics, otlp.grpc, otlp.http"));
}

TEST(LocalConfig, SeveralPipelinesNeedAName) {
  const std::string two = pipeline_yaml("a") + "---\n" + pipeline_yaml("b");
  EXPECT_THAT(config_of(two).errors,
              ElementsAre("f.yaml:1: holds several OtlpPipelines, give --name with one of: a, b"));
  RunOptions options;
  options.name = "b";
  EXPECT_THAT(config_of(two, options).json, testing::HasSubstr("\"name\": \"b\""));
  options.name = "c";
  EXPECT_THAT(config_of(two, options).errors,
              ElementsAre("f.yaml:1: no OtlpPipeline is named 'c', there are: a, b"));
}

TEST(LocalConfig, FileWithoutPipelineIsAnError) {
  EXPECT_THAT(config_of("").errors, ElementsAre("f.yaml:1: there is no OtlpPipeline in this file"));
}

TEST(LocalConfig, EnvironmentComesFromValuesSecretsConfigMapsAndTheResource) {
  unsetenv("OTLPIPE_LOG_FORMAT");
  const std::string env =
      "  env:\n"
      "    - {name: A, value: x}\n"
      "    - {name: B, valueFrom: {secretKeyRef: {name: s, key: k}}}\n"
      "    - {name: C, valueFrom: {configMapKeyRef: {name: c, key: k}}}\n"
      "    - {name: D, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}\n"
      "    - {name: E, valueFrom: {secretKeyRef: {name: none, key: k, optional: true}}}\n";
  const LocalConfig config = config_of(pipeline_yaml("a", env) +
                                       "---\nkind: Secret\nmetadata: {name: s}\nstringData: {k: secret}\n"
                                       "---\nkind: ConfigMap\nmetadata: {name: c}\ndata: {k: plain}\n");
  EXPECT_THAT(config.errors, IsEmpty());
  EXPECT_EQ(config.environment,
            (std::map<std::string, std::string>{
                {"A", "x"}, {"B", "secret"}, {"C", "plain"}, {"D", "ns"}, {"OTLPIPE_LOG_FORMAT", "text"}}));
}

TEST(LocalConfig, ValueThatIsNotThereIsAnErrorAtItsLine) {
  const std::string env =
      "  env:\n"
      "    - {name: B, valueFrom: {secretKeyRef: {name: s, key: k}}}\n"
      "    - {name: C, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}\n"
      "    - {value: x}\n";
  EXPECT_THAT(
      config_of(pipeline_yaml("a", env)).errors,
      ElementsAre(
          "f.yaml:6: spec.env[0].valueFrom: Secret s is neither in the file nor in the folder of --values",
          "f.yaml:7: spec.env[1].valueFrom: the field spec.nodeName of a pod has no value outside of "
          "Kubernetes",
          "f.yaml:8: spec.env[2].name: is required"));
}

TEST(LocalConfig, UnsetVariableIsReportedBeforeTheWorkerStarts) {
  std::string text = pipeline_yaml("a");
  text.replace(text.find("b:1"), 3, "${env:OTLPIPE_TEST_UNSET}");
  EXPECT_THAT(
      config_of(text).errors,
      ElementsAre(
          "f.yaml:6: spec.exporters[0].otlpGrpc.endpoint: the environment variable OTLPIPE_TEST_UNSET is not "
          "set; set it, or give a default with ${env:OTLPIPE_TEST_UNSET:-default}"));
  const std::string env = "  env: [{name: OTLPIPE_TEST_UNSET, value: 'b:2'}]\n";
  text.insert(text.find("  receivers"), env);
  const LocalConfig config = config_of(text);
  EXPECT_THAT(config.errors, IsEmpty());
  EXPECT_THAT(config.json, testing::HasSubstr("${env:OTLPIPE_TEST_UNSET}"))
      << "the worker resolves it, not we";
}

}  // namespace
}  // namespace otlpipe::cli
