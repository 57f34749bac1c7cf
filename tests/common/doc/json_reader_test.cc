#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/doc/reader.h"

namespace otlpipe::doc {
namespace {

using nlohmann::json;

std::string error_of(std::string_view text) {
  const auto document = parse_json(text, "f.json");
  return document ? "no error" : document.error().to_string();
}

TEST(JsonReader, ValuesAndLinesOfEveryField) {
  const auto document = parse_json("{\n \"a\": [1,\n  {\"b\": 2.5}],\n \"c\": true\n}\n", "f.json");
  ASSERT_TRUE(document) << document.error().to_string();
  EXPECT_EQ(document->root(), json::parse(R"({"a": [1, {"b": 2.5}], "c": true})"));
  EXPECT_EQ(document->line_of("a"), 2);
  EXPECT_EQ(document->line_of("a[1].b"), 3);
  EXPECT_EQ(document->line_of("c"), 4);
}

TEST(JsonReader, MalformedTextSaysLineAndColumn) {
  EXPECT_THAT(error_of("{\n \"a\": ]\n}"), testing::StartsWith("f.json:2:7: "));
  EXPECT_THAT(error_of(""), testing::StartsWith("f.json:1:"));
  EXPECT_THAT(error_of("{} x"), testing::StartsWith("f.json:1:4: "));
  EXPECT_THAT(error_of("{\"a\": 1e999}"), testing::StartsWith("f.json:1:"));
}

TEST(JsonReader, DuplicateKeyIsRefusedWithBothLines) {
  EXPECT_EQ(error_of("{\"a\": 1,\n\"a\": 2}"), "f.json:2: the key \"a\" is already set on line 1");
}

TEST(JsonReader, DeepNestingIsRefused) {
  EXPECT_THAT(error_of(std::string(200, '[') + std::string(200, ']')),
              testing::HasSubstr("nested deeper than 100 levels"));
}

}  // namespace
}  // namespace otlpipe::doc
