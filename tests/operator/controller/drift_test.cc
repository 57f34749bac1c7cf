#include "operator/controller/drift.h"

#include <gtest/gtest.h>

namespace otlpipe::controller {
namespace {

using nlohmann::json;

// What the server made of `said` right after the apply, and what it shows now: is that still the same?
bool unchanged(const json& said, const json& answered, const json& now) {
  return project(said, answered) == project(said, now);
}

TEST(Drift, DefaultsAndOtherManagersFieldsAreNoDrift) {
  const json said = {{"spec", {{"a", 1}}}};
  EXPECT_TRUE(unchanged(said, {{"spec", {{"a", 1}, {"defaulted", true}}}},
                        {{"spec", {{"a", 1}, {"defaulted", true}, {"theirs", 2}}}, {"status", {}}}));
}

TEST(Drift, NormalisedQuantityIsNoDrift) {
  const json said = {{"limits", {{"cpu", "1000m"}}}};
  const json stored = {{"limits", {{"cpu", "1"}}}};
  EXPECT_TRUE(unchanged(said, stored, stored));
}

TEST(Drift, ChangedAndRemovedFieldsAreDrift) {
  const json said = {{"spec", {{"a", 1}, {"b", {{"c", 2}}}}}};
  EXPECT_FALSE(unchanged(said, said, {{"spec", {{"a", 9}, {"b", {{"c", 2}}}}}}));
  EXPECT_FALSE(unchanged(said, said, {{"spec", {{"a", 1}}}}));
}

TEST(Drift, ItemsOfListsAreMatchedByTheirKey) {
  const json said = {{"env", {{{"name", "A"}, {"value", "1"}}, {{"name", "B"}, {"value", "2"}}}}};
  const json with_others = {
      {"env",
       {{{"name", "X"}, {"value", "0"}}, {{"name", "B"}, {"value", "2"}}, {{"name", "A"}, {"value", "1"}}}}};
  EXPECT_TRUE(unchanged(said, said, with_others));
  EXPECT_FALSE(unchanged(said, said, {{"env", {{{"name", "A"}, {"value", "1"}}}}}));
}

TEST(Drift, KeyHasToTellItemsApart) {
  // Two mounts of one volume: the name repeats, the path does not.
  const json said = {
      {"mounts", {{{"name", "v"}, {"mountPath", "/a"}}, {{"name", "v"}, {"mountPath", "/b"}}}}};
  EXPECT_TRUE(unchanged(said, said, said));
  EXPECT_FALSE(unchanged(said, said, {{"mounts", {{{"name", "v"}, {"mountPath", "/a"}}}}}));
}

TEST(Drift, PlainListsAreComparedAsAWhole) {
  const json said = {{"args", {"--config", "x"}}};
  EXPECT_FALSE(unchanged(said, said, {{"args", {"--config", "x", "--extra"}}}));
  EXPECT_FALSE(unchanged(said, said, {{"args", {"--config", "y"}}}));
}

}  // namespace
}  // namespace otlpipe::controller
