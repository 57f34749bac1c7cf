#include "operator/runtime/cache.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace otlpipe::runtime {
namespace {

using Json = nlohmann::json;

kube::ObjectPtr object(const std::string& name, const std::string& version, const std::string& color = "red",
                       const std::string& uid = "u") {
  return std::make_shared<const Json>(Json{
      {"metadata", {{"namespace", "ns"}, {"name", name}, {"resourceVersion", version}, {"uid", uid + name}}},
      {"color", color}});
}

class CacheTest : public ::testing::Test {
 protected:
  CacheTest() {
    cache_.add_index("color", [](const Json& o) { return std::vector<std::string>{o.at("color")}; });
    cache_.add_handler([this](const Change& change) {
      log_ += (change.before ? (change.after ? "~" : "-") : "+") + change.key.name + " ";
      // A handler may look at the cache: no lock is held.
      sizes_.push_back(cache_.size());
    });
    cache_.add_sync_handler([this] { log_ += "synced "; });
  }
  std::string log() { return std::exchange(log_, {}); }

  Cache cache_;
  std::string log_;
  std::vector<std::size_t> sizes_;
};

TEST_F(CacheTest, FirstListSyncsAfterItsHandlers) {
  EXPECT_FALSE(cache_.synced());
  cache_.replace({object("a", "1"), object("b", "1")});
  EXPECT_TRUE(cache_.synced());
  EXPECT_EQ(log(), "+a +b synced ");
}

TEST_F(CacheTest, EmptyListSyncsToo) {
  cache_.replace({});
  EXPECT_TRUE(cache_.synced());
  EXPECT_EQ(log(), "synced ");
}

TEST_F(CacheTest, ListAgainTellsOnlyTheDifference) {
  cache_.replace({object("a", "1"), object("b", "1"), object("c", "1")});
  log();
  cache_.replace({object("a", "1"), object("b", "2"), object("d", "1")});
  EXPECT_EQ(log(), "~b +d -c ");
  EXPECT_EQ(cache_.get({"ns", "c"}), nullptr);
}

TEST_F(CacheTest, ObjectThatWasMadeAnewBetweenListsIsAChange) {
  cache_.replace({object("a", "1")});
  log();
  cache_.replace({object("a", "1", "red", "other")});
  EXPECT_EQ(log(), "~a ");
}

TEST_F(CacheTest, IndexFollowsChanges) {
  cache_.upsert(object("a", "1", "red"));
  cache_.upsert(object("b", "1", "red"));
  EXPECT_EQ(cache_.by_index("color", "red").size(), 2U);
  cache_.upsert(object("a", "2", "blue"));
  EXPECT_EQ(cache_.by_index("color", "red").size(), 1U);
  ASSERT_EQ(cache_.by_index("color", "blue").size(), 1U);
  EXPECT_EQ(kube::name(*cache_.by_index("color", "blue")[0]), "a");
  cache_.erase({"ns", "a"});
  EXPECT_TRUE(cache_.by_index("color", "blue").empty());
  EXPECT_TRUE(cache_.by_index("no such index", "x").empty());
}

TEST_F(CacheTest, EraseOfWhatIsNotThereIsSilent) {
  cache_.erase({"ns", "a"});
  EXPECT_EQ(log(), "");
}

TEST_F(CacheTest, ReadersKeepTheirObjectWhenItChanges) {
  cache_.upsert(object("a", "1", "red"));
  const auto held = cache_.get({"ns", "a"});
  cache_.upsert(object("a", "2", "blue"));
  EXPECT_EQ(held->at("color"), "red");
}

}  // namespace
}  // namespace otlpipe::runtime
