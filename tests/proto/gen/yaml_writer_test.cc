#include "proto/gen/yaml_writer.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/doc/reader.h"

namespace otlpipe::gen {
namespace {

using nlohmann::ordered_json;

TEST(YamlWriter, BlockStyleInTheOrderOfTheKeys) {
  const ordered_json value =
      ordered_json::parse(R"({"b": 1, "a": [{"x": "y", "z": [1, 2]}, "s"], "e": {}, "l": []})");
  EXPECT_EQ(to_yaml(value), "b: 1\na:\n- x: \"y\"\n  z:\n  - 1\n  - 2\n- s\ne: {}\nl: []\n");
}

TEST(YamlWriter, TextThatYamlWouldReadAsSomethingElseIsQuoted) {
  const ordered_json value = {"yes", "No", "1",   "a: b", "#",   "null", "1.5", "~",
                              "-",   "*a", "a b", "\"",   "é\n", "",     "y",   "plain-text_1.2/x"};
  const auto documents = doc::parse_yaml(to_yaml({{"v", value}}), "out");
  ASSERT_TRUE(documents) << documents.error().to_string();
  EXPECT_EQ(documents->at(0).root()["v"].dump(), value.dump());
}

}  // namespace
}  // namespace otlpipe::gen
