#include "operator/render/checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace otlpipe::render {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

std::vector<FieldProblem> problems(const json& spec, const std::string& name = "gateway",
                                   const std::vector<Port>& ports = {}) {
  return check({.name = name, .ns = "ns", .uid = "u", .api_version = "v", .kind = "k", .spec = spec}, ports);
}

auto at(const std::string& path) {
  return Field(&FieldProblem::path, path);
}

TEST(RenderChecks, PlainSpecHasNoProblem) {
  EXPECT_THAT(problems(json::object(), "gateway", {{"otlp", "grpc", 4317}, {"otlp", "http", 4318}}),
              IsEmpty());
}

TEST(RenderChecks, NamesThatCannotNameAServiceAreRefused) {
  EXPECT_THAT(problems(json::object(), "1st"), ElementsAre(at("metadata.name")));
  EXPECT_THAT(problems(json::object(), "a.b"), ElementsAre(at("metadata.name")));
  EXPECT_THAT(problems(json::object(), std::string(55, 'a')), ElementsAre(at("metadata.name")));
  EXPECT_THAT(problems(json::object(), std::string(54, 'a')), IsEmpty());
}

TEST(RenderChecks, UserFieldsThatCollideWithOursAreRefusedByPath) {
  const json spec = json::parse(R"({
    "podLabels": {"app.kubernetes.io/name": "x", "mine": "y"},
    "podAnnotations": {"otlpipe.io/thing": "x"},
    "env": [{"name": "A"}, {"name": "POD_NAME"}],
    "volumes": [{"name": "config", "emptyDir": {}}],
    "volumeMounts": [{"name": "v", "mountPath": "/etc/otlpipe"}]
  })");
  EXPECT_THAT(problems(spec), ElementsAre(at("spec.podLabels[app.kubernetes.io/name]"),
                                          at("spec.podAnnotations[otlpipe.io/thing]"), at("spec.env[1].name"),
                                          at("spec.volumes[0].name"), at("spec.volumeMounts[0].mountPath")));
}

TEST(RenderChecks, PortThatTheMetricsServerHasIsRefused) {
  const json spec = {{"receivers", {{{"name", "other"}}, {{"name", "otlp"}}}}};
  EXPECT_THAT(problems(spec, "gateway", {{"otlp", "grpc", 8888}}),
              ElementsAre(at("spec.receivers[1].otlp.grpc.port")));
}

TEST(RenderChecks, IllTypedFieldsAreLeftToTheSchema) {
  EXPECT_THAT(problems({{"env", "x"}, {"volumes", {{"name", 1}}}, {"podLabels", json::array()}}), IsEmpty());
}

}  // namespace
}  // namespace otlpipe::render
