#include "common/doc/path.h"

#include <gtest/gtest.h>

namespace otlpipe::doc {
namespace {

TEST(Path, KeysAndIndexesAreNamedTheWayKubernetesDoes) {
  EXPECT_EQ(path_of_key("", "spec"), "spec");
  EXPECT_EQ(path_of_index(path_of_key("spec", "exporters"), 3), "spec.exporters[3]");
  EXPECT_EQ(path_of_key("spec.headers", "x-tenant"), "spec.headers.x-tenant");
  EXPECT_EQ(path_of_key("metadata.labels", "app.kubernetes.io/name"),
            "metadata.labels[\"app.kubernetes.io/name\"]");
}

TEST(Path, SplittingUndoesNaming) {
  const std::string path = path_of_key(path_of_index(path_of_key(path_of_key("", "a-b"), "c/d"), 12), "e");
  const std::vector<Step> expected = {"a-b", "c/d", std::size_t{12}, "e"};
  EXPECT_EQ(split_path(path), expected);
}

TEST(Path, MalformedTailIsLeftOut) {
  const std::vector<Step> expected = {"a"};
  EXPECT_EQ(split_path("a[x]"), expected);
  EXPECT_EQ(split_path("a[1"), expected);
  EXPECT_EQ(split_path("a[\"x]"), expected);
  EXPECT_EQ(split_path("a..b"), expected);
}

TEST(Printable, StaysOnOneLine) {
  EXPECT_EQ(printable("a\nb\r\t\x01\x7f é"), "a\\nb\\r\\t\\x01\\x7f é");
}

}  // namespace
}  // namespace otlpipe::doc
