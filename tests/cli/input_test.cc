#include "cli/input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/temp_folder.h"

namespace otlpipe::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Input read(const std::string& text) {
  Input input;
  read_documents(text, "f.yaml", input);
  return input;
}

TEST(Input, EveryErrorHasItsFileAndLine) {
  const Input input = read(pipeline_yaml("a", "  replicas: -1\n  foo: {}\n") + "---\n" +
                           pipeline_yaml("b", "  replicas: x\n"));
  EXPECT_THAT(
      input.errors,
      ElementsAre(testing::StartsWith("f.yaml:6: spec.foo: is not a known field, allowed: mode, replicas"),
                  "f.yaml:5: spec.replicas: -1 is below the minimum 0",
                  "f.yaml:15: spec.replicas: must be a whole number, not 'x'"));
  EXPECT_THAT(input.pipelines, IsEmpty());
}

TEST(Input, MalformedYamlIsOneErrorWithLineAndColumn) {
  EXPECT_THAT(read("a: [1\nb: 2\n").errors, ElementsAre(testing::StartsWith("f.yaml:")));
}

TEST(Input, OtherKindsAreLeftOutWithANote) {
  const Input input = read("kind: Service\nmetadata: {name: s}\n---\n" + pipeline_yaml("a"));
  EXPECT_THAT(input.errors, IsEmpty());
  EXPECT_EQ(input.pipelines.size(), 1U);
  EXPECT_THAT(input.notes, ElementsAre("f.yaml:1: note: Service s is not an OtlpPipeline, left out"));
}

TEST(Input, ListsAreLookedInto) {
  std::string item = pipeline_yaml("a", "  replicas: -1\n");
  std::string list = "kind: List\nitems:\n- {kind: Service}\n- ";
  for (const char c : item.substr(0, item.size() - 1))
    list += c == '\n' ? std::string("\n  ") : std::string(1, c);
  EXPECT_THAT(read(list + "\n").errors,
              ElementsAre("f.yaml:8: items[1].spec.replicas: -1 is below the minimum 0"));
}

TEST(Input, TwoOfOneNameAreAnError) {
  const Input input = read(pipeline_yaml("a") + "---\n" + pipeline_yaml("a"));
  EXPECT_THAT(input.errors, ElementsAre("f.yaml:11: metadata.name: 'a' is already defined at f.yaml:1"));
}

TEST(Input, DocumentWithoutKindIsAnError) {
  EXPECT_THAT(read("a: 1\n").errors, ElementsAre("f.yaml:1: kind: is required"));
  EXPECT_THAT(read("- a\n").errors, ElementsAre("f.yaml:1: kind: is required, but this is no object"));
  EXPECT_THAT(read("kind: Secret\nmetadata: nonsense\n").errors, IsEmpty());
}

TEST(Input, OtherVersionIsAnError) {
  EXPECT_THAT(
      read("apiVersion: otlpipe.io/v2\nkind: OtlpPipeline\n").errors,
      testing::Contains("f.yaml:1: apiVersion: 'otlpipe.io/v2' is not allowed, must be otlpipe.io/v1alpha1"));
}

TEST(Input, SecretsAreDecodedAndConfigMapsTakenAsTheyAre) {
  const Input input = read(
      "kind: Secret\nmetadata: {name: s}\ndata: {a: aGVsbG8=}\nstringData: {b: x}\n---\n"
      "kind: ConfigMap\nmetadata: {name: c}\ndata: {k: v}\n");
  EXPECT_EQ(input.secrets.at("s").at("a"), "hello");
  EXPECT_EQ(input.secrets.at("s").at("b"), "x");
  EXPECT_EQ(input.config_maps.at("c").at("k"), "v");
}

TEST(Input, SecretThatIsNotBase64IsAnErrorAtItsLine) {
  EXPECT_THAT(read("kind: Secret\nmetadata: {name: s}\ndata:\n  a: '***'\n  b: 1\n").errors,
              ElementsAre("f.yaml:4: data.a: is not base64", "f.yaml:5: data.b: must be text"));
}

TEST(Input, ValuesComeFromFilesOfAFolderAndFromFoldersOfFiles) {
  const TempFolder folder;
  folder.file("secrets.yaml", "kind: Secret\nmetadata: {name: s}\nstringData: {a: '1'}\n");
  folder.file("token/key", "abc");
  folder.file("readme.txt", ": not yaml : [");
  Input input;
  ASSERT_TRUE(read_values(folder.path(), input));
  EXPECT_THAT(input.errors, IsEmpty());
  EXPECT_EQ(input.secrets.at("s").at("a"), "1");
  EXPECT_EQ(input.secrets.at("token").at("key"), "abc");
  EXPECT_EQ(input.config_maps.at("token").at("key"), "abc");
}

TEST(Input, MissingFilesAndFoldersAreNamed) {
  Input input;
  EXPECT_EQ(read_values("/nowhere", input).error().to_string(),
            "/nowhere: cannot be read: No such file or directory");
  EXPECT_EQ(read_text("/nowhere").error().to_string(), "/nowhere: cannot be read: No such file or directory");
  EXPECT_EQ(read_text("/tmp").error().to_string(), "/tmp: is a folder, not a file");
}

}  // namespace
}  // namespace otlpipe::cli
