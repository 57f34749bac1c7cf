// The CRD as data: what the API server demands of a structural schema, and what users look for.
#include "proto/gen/crd.h"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/doc/reader.h"
#include "proto/gen/comments.h"

namespace otlpipe::gen {
namespace {

using nlohmann::json;

const json& crd() {
  static const json value = doc::parse_yaml(crd_yaml(Comments()), "crd").value().at(0).root();
  return value;
}

const json& version() {
  return crd()["spec"]["versions"][0];
}
const json& spec_of(const char* field) {
  return version()["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"][field];
}

void walk(const json& schema, const std::string& path,
          const std::function<void(const json&, const std::string&)>& visit) {
  visit(schema, path);
  if (schema.contains("properties")) {
    for (const auto& [name, inner] : schema["properties"].items()) walk(inner, path + "." + name, visit);
  }
  if (schema.contains("items")) walk(schema["items"], path + "[]", visit);
  if (schema.contains("additionalProperties")) walk(schema["additionalProperties"], path + "{}", visit);
}

TEST(Crd, NamesSubresourcesAndColumns) {
  EXPECT_EQ(crd()["metadata"]["name"], "otlppipelines.otlpipe.io");
  EXPECT_EQ(crd()["spec"]["scope"], "Namespaced");
  EXPECT_EQ(crd()["spec"]["names"]["shortNames"], json({"otlpp"}));
  EXPECT_TRUE(version()["subresources"].contains("status"));
  EXPECT_EQ(version()["subresources"]["scale"]["labelSelectorPath"], ".status.selector");
  std::vector<std::string> columns;
  for (const json& column : version()["additionalPrinterColumns"]) {
    if (!column.contains("priority")) columns.push_back(column["name"]);
  }
  EXPECT_THAT(columns, testing::ElementsAre("Mode", "Ready", "Replicas", "Received", "Dropped", "Age"));
}

TEST(Crd, EveryNodeIsStructural) {
  walk(version()["schema"]["openAPIV3Schema"], "", [](const json& schema, const std::string& path) {
    SCOPED_TRACE(path);
    EXPECT_NE(schema.contains("type"), schema.contains("x-kubernetes-int-or-string"));
    EXPECT_FALSE(schema.contains("properties") && schema.contains("additionalProperties"));
    if (schema.value("type", "") == "array") {
      EXPECT_TRUE(schema.contains("items"));
      EXPECT_TRUE(schema.contains("maxItems"))
          << "rules over a list without bound exceed the API server's cost budget";
    }
    if (schema.value("x-kubernetes-list-type", "") == "map") {
      for (const json& key : schema["x-kubernetes-list-map-keys"]) {
        EXPECT_TRUE(schema["items"]["properties"].contains(key));
        EXPECT_FALSE(schema["items"]["properties"][std::string(key)].contains("default"));
        EXPECT_THAT(schema["items"]["required"], testing::Contains(key));
      }
    }
  });
}

TEST(Crd, RulesHaveAMessageAndNoFieldPathIntoMetadata) {
  int rules = 0;
  walk(version()["schema"]["openAPIV3Schema"], "", [&](const json& schema, const std::string& path) {
    SCOPED_TRACE(path);
    for (const json& rule : schema.value("x-kubernetes-validations", json::array())) {
      ++rules;
      EXPECT_FALSE(rule.value("message", "").empty());
      EXPECT_FALSE((rule.value("fieldPath", "") + ".").starts_with(".metadata."));
    }
  });
  EXPECT_GT(rules, 40);
}

TEST(Crd, FieldsCarryDefaultsBoundsWordsAndPatterns) {
  EXPECT_EQ(spec_of("mode")["default"], "Deployment");
  EXPECT_THAT(spec_of("mode")["enum"], testing::Contains("DaemonSet"));
  EXPECT_EQ(spec_of("replicas")["minimum"], 0);
  EXPECT_TRUE(spec_of("memoryBudget")["x-kubernetes-int-or-string"]);
  EXPECT_TRUE(spec_of("affinity")["x-kubernetes-preserve-unknown-fields"]);
  const json& exporter = spec_of("exporters")["items"]["properties"]["otlpGrpc"]["properties"];
  EXPECT_THAT(exporter["endpoint"]["pattern"], testing::HasSubstr("env:"));
  EXPECT_EQ(exporter["timeout"]["format"], "duration");
  EXPECT_EQ(exporter["retry"]["default"]["maxInterval"], "30s")
      << "defaults inside of a default are written out";
}

}  // namespace
}  // namespace otlpipe::gen
