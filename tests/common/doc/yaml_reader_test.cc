#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "common/doc/reader.h"

namespace otlpipe::doc {
namespace {

using nlohmann::json;

Document one(std::string_view text) {
  auto documents = parse_yaml(text, "f.yaml");
  if (!documents) throw std::runtime_error(documents.error().to_string());
  return documents->at(0);
}

std::string yaml_error_of(std::string_view text) {
  const auto documents = parse_yaml(text, "f.yaml");
  return documents ? "no error" : documents.error().to_string();
}

TEST(YamlReader, ValuesAndLinesOfEveryField) {
  const Document document = one("a: 1\nb:\n  - c: x\n    d: [1, 2]\n  - 'yes'\n");
  EXPECT_EQ(document.root(), json::parse(R"({"a": 1, "b": [{"c": "x", "d": [1, 2]}, "yes"]})"));
  EXPECT_EQ(document.line_of("a"), 1);
  EXPECT_EQ(document.line_of("b"), 2);
  EXPECT_EQ(document.line_of("b[0].d"), 4);
  EXPECT_EQ(document.line_of("b[0].d[1]"), 4);
  EXPECT_EQ(document.line_of("b[1]"), 5);
}

TEST(YamlReader, LineOfAMissingFieldIsThatOfItsNearestParent) {
  const Document document = one("a:\n  b:\n    c: 1\n");
  EXPECT_EQ(document.line_of("a.b.x.y"), 2);
  EXPECT_EQ(document.line_of("a[0]"), 1);
  EXPECT_EQ(document.line_of(""), 1);
}

TEST(YamlReader, ManyDocumentsKeepTheLinesOfTheFileAndEmptyOnesAreLeftOut) {
  const auto documents = parse_yaml("---\na: 1\n---\n---\n# nothing\n---\nb: 2\n", "f.yaml");
  ASSERT_TRUE(documents);
  ASSERT_EQ(documents->size(), 2U);
  EXPECT_EQ(documents->at(1).line_of("b"), 7);
}

TEST(YamlReader, EmptyTextHasNoDocuments) {
  EXPECT_TRUE(parse_yaml("", "f").value().empty());
  EXPECT_TRUE(parse_yaml("# just a comment\n", "f").value().empty());
}

TEST(YamlReader, JsonIsYaml) {
  EXPECT_EQ(one(R"({"a": [1, "b", null]})").root(), json::parse(R"({"a": [1, "b", null]})"));
}

TEST(YamlReader, KeysBecomeTextAsKubectlMakesThem) {
  EXPECT_EQ(one("1: a\ntrue: b\n").root(), json::parse(R"({"1": "a", "true": "b"})"));
}

TEST(YamlReader, AliasesAndMergesAreResolved) {
  const Document document = one("base: &b {x: 1, z: 2}\nuse:\n  <<: *b\n  z: 3\nlist: *b\n");
  EXPECT_EQ(document.root()["use"], json::parse(R"({"x": 1, "z": 3})"));
  EXPECT_EQ(document.root()["list"], json::parse(R"({"x": 1, "z": 2})"));
}

TEST(YamlReader, BlockTextKeepsItsLastLineBreak) {
  EXPECT_EQ(one("a: |\n  x's\n").root()["a"], "x's\n");
}

TEST(YamlReader, DuplicateKeyIsRefusedWithBothLines) {
  EXPECT_EQ(yaml_error_of("a: 1\nb: 2\na: 3\n"), "f.yaml:3:1: the key \"a\" is already set on line 1");
}

TEST(YamlReader, MalformedTextSaysLineAndColumn) {
  EXPECT_THAT(yaml_error_of("a: 1\nb: [1, 2\n"), testing::StartsWith("f.yaml:3:1: "));
  EXPECT_THAT(yaml_error_of("a: 1\n  b: 2\n"), testing::StartsWith("f.yaml:2:4: "));
  EXPECT_THAT(yaml_error_of("a: \"x\n"), testing::StartsWith("f.yaml:1:"));
  EXPECT_THAT(yaml_error_of("a: \"x\nb: 1\n"), testing::HasSubstr("illegal EOF in scalar"));
  EXPECT_THAT(yaml_error_of("a: *nowhere\n"), testing::StartsWith("f.yaml:1:4: "));
}

TEST(YamlReader, AliasesThatExplodeAreRefused) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 0; k < 9; ++k) bomb += ", " + before;
    bomb += "]\n";
  }
  EXPECT_THAT(yaml_error_of(bomb), testing::HasSubstr("the aliases of this file repeat too much"));
}

TEST(YamlReader, AliasInsideOfItsOwnAnchorIsRefused) {
  EXPECT_THAT(yaml_error_of("a: &a [*a]\n"),
              testing::HasSubstr("an alias must not lie inside of what it stands for"));
}

TEST(YamlReader, DeepNestingIsRefused) {
  EXPECT_THAT(yaml_error_of(std::string(200, '[') + std::string(200, ']')),
              testing::HasSubstr("nested deeper than 100 levels"));
}

TEST(YamlReader, StrayTokenIsRefusedInsteadOfReadForEver) {
  for (const std::string text : {"a: 1\n---\n,\n", ",", "\n,$0"}) {
    EXPECT_THAT(yaml_error_of(text), testing::HasSubstr("no document can begin with")) << text;
  }
  EXPECT_THAT(yaml_error_of("--- ]\n"), testing::HasSubstr("illegal flow end"));
}

TEST(YamlReader, KeysThatAreNoTextAreRefused) {
  EXPECT_THAT(yaml_error_of("? [a]\n: 1\n"), testing::HasSubstr("a key must be text"));
  EXPECT_THAT(yaml_error_of("~: 1\n"), testing::HasSubstr("a key must be text"));
}

TEST(YamlReader, UnknownTagsAreRefused) {
  EXPECT_THAT(yaml_error_of("a: !!set {x: 1}\n"), testing::HasSubstr("is not known"));
  EXPECT_THAT(yaml_error_of("a: !own 1\n"), testing::HasSubstr("is not known"));
}

TEST(YamlReader, TextBeyondTheBoundIsRefused) {
  EXPECT_THAT(yaml_error_of(std::string(kMaxTextBytes + 1, '#')), testing::HasSubstr("is larger than"));
}

}  // namespace
}  // namespace otlpipe::doc
