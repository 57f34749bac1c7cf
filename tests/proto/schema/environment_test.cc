#include "proto/schema/environment.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/proto/schema/pipeline_text.h"

namespace otlpipe::schema {
namespace {

using nlohmann::json;
using testing::ElementsAre;

EnvironmentLookup lookup(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

TEST(ExpandEnvironment, ReferencesAreReplacedAndOtherTextStays) {
  const auto env = lookup({{"HOST", "h"}, {"_p1", "1"}, {"EMPTY", ""}});
  EXPECT_EQ(expand_environment("a ${env:HOST}:${env:_p1} $x ${HOST}", env), "a h:1 $x ${HOST}");
  EXPECT_EQ(expand_environment("${env:NONE:-d:-e}", env), "d:-e");
  EXPECT_EQ(expand_environment("${env:EMPTY:-d}", env), "d");
  EXPECT_EQ(expand_environment("${env:EMPTY}", env), "");
  EXPECT_EQ(expand_environment("${env:NONE:-}", env), "");
}

TEST(ExpandEnvironment, DoubledDollarStandsForItself) {
  EXPECT_EQ(expand_environment("$${env:HOST}", lookup({{"HOST", "h"}})), "${env:HOST}");
  EXPECT_FALSE(has_environment_reference("$${env:HOST}"));
  EXPECT_TRUE(has_environment_reference("$${env:A} ${env:B}"));
}

TEST(ExpandEnvironment, ValueIsNotExpandedAgain) {
  EXPECT_EQ(expand_environment("${env:A}", lookup({{"A", "${env:B}"}})), "${env:B}");
}

TEST(ExpandEnvironment, MissingVariableWithoutDefaultIsAnError) {
  EXPECT_EQ(expand_environment("${env:NONE}", lookup({})).error().message,
            "the environment variable NONE is not set; set it, or give a default with ${env:NONE:-default}");
}

TEST(ExpandEnvironment, MalformedReferencesAreErrors) {
  for (const std::string text :
       {"${env:}", "${env:A", "${env:A:b}", "${env:A:-x", "${env:9}", "${env:A-B}"}) {
    EXPECT_TRUE(environment_syntax_error(text)) << text;
    EXPECT_FALSE(expand_environment(text, lookup({{"A", "x"}}))) << text;
  }
}

json spec_with_references() {
  json spec = small_spec();
  spec["exporters"][0]["otlpGrpc"]["endpoint"] = "${env:BACKEND}";
  spec["exporters"][0]["otlpGrpc"]["headers"] = {{"x", "t-${env:TENANT:-none}"}};
  spec["env"] = json::array({{{"name", "A"}, {"value", "${env:LEFT_ALONE}"}}});
  return spec;
}

TEST(ExpandMessage, TextOfTheDataPlaneIsReplacedAndKubernetesPiecesStay) {
  auto spec = decoded(spec_with_references());
  EXPECT_THAT(expand_environment(spec, lookup({{"BACKEND", "b:1"}}), "spec"), testing::IsEmpty());
  EXPECT_EQ(spec.exporters(0).otlp_grpc().endpoint(), "b:1");
  EXPECT_EQ(spec.exporters(0).otlp_grpc().headers().at("x"), "t-none");
  EXPECT_EQ(spec.env(0).fields().at("value").string_value(), "${env:LEFT_ALONE}");
}

TEST(ExpandMessage, MissingVariableIsReportedWithItsField) {
  auto spec = decoded(spec_with_references());
  const FieldErrors errors = expand_environment(spec, lookup({}), "spec");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].path, "spec.exporters[0].otlpGrpc.endpoint");
}

TEST(ExpandMessage, ResolvedValueIsCheckedAsIfItHadBeenWritten) {
  auto spec = decoded(spec_with_references());
  EXPECT_THAT(expand_environment(spec, lookup({{"BACKEND", "http://b"}}), "spec"),
              ElementsAre(FieldError{
                  "spec.exporters[0].otlpGrpc.endpoint",
                  "'http://b' is not allowed, must be HOST:PORT such as collector.example:4317, without a "
                  "scheme"}));
}

}  // namespace
}  // namespace otlpipe::schema
