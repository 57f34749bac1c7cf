#include "operator/kube/watch_parser.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "operator/kube/object.h"

namespace otlpipe::kube {
namespace {

class WatchParserTest : public ::testing::Test {
 protected:
  Status feed(std::string_view bytes) {
    return parser_.feed(bytes, [this](WatchEventType type, nlohmann::json&& object) {
      seen_ += std::to_string(static_cast<int>(type)) + std::string(name(object)) + " ";
    });
  }
  static std::string event(const std::string& type, const std::string& name) {
    return R"({"type":")" + type + R"(","object":{"metadata":{"name":")" + name + "\"}}}\n";
  }
  WatchParser parser_{200, "GET /x"};
  std::string seen_;
};

TEST_F(WatchParserTest, EventsComeOutHoweverTheBytesAreCut) {
  const std::string text = event("ADDED", "a") + "\n  \r\n" + event("MODIFIED", "b") + event("DELETED", "c") +
                           event("BOOKMARK", "d");
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    seen_.clear();
    for (std::size_t at = 0; at < text.size(); at += piece) ASSERT_TRUE(feed(text.substr(at, piece)));
    EXPECT_EQ(seen_, "0a 1b 2c 3d ") << "pieces of " << piece;
  }
  EXPECT_TRUE(parser_.finish());
}

TEST_F(WatchParserTest, EventOverTheLimitIsRefusedWithoutKeepingIt) {
  const std::string big(150, ' ');
  EXPECT_TRUE(feed(big));
  const Status refused = feed(big);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kDataLoss);
}

TEST_F(WatchParserTest, ErrorEventIsTheServersError) {
  const Status ended = feed(R"({"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old"}})"
                            "\n");
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Code::kOutOfRange);
  EXPECT_EQ(ended.error().to_string(), "GET /x: too old");
}

TEST_F(WatchParserTest, WhatIsNotAnEventIsDataLossInOneLine) {
  for (const char* line :
       {"nonsense\n", "{}\n", "[]\n", "3\n", "{\"type\":\"ADDED\"}\n", "{\"type\":1,\"object\":{}}\n",
        "{\"type\":\"NEW\",\"object\":{}}\n", "{\"type\":\"ADDED\",\"object\":3}\n"}) {
    WatchParser parser(200, "GET /x");
    const Status ended = parser.feed(line, [](WatchEventType, nlohmann::json&&) {});
    ASSERT_FALSE(ended) << line;
    EXPECT_EQ(ended.error().code, Code::kDataLoss) << line;
    EXPECT_EQ(ended.error().to_string().find('\n'), std::string::npos);
  }
}

TEST_F(WatchParserTest, NestingThatWouldExhaustTheStackIsRefused) {
  WatchParser parser(1 << 20, "GET /x");
  const Status ended = parser.feed(std::string(500000, '[') + "\n", [](WatchEventType, nlohmann::json&&) {});
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Code::kDataLoss);
}

TEST_F(WatchParserTest, HalfAnEventAtTheEndIsDataLoss) {
  EXPECT_TRUE(feed("{\"type\":"));
  const Status ended = parser_.finish();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Code::kDataLoss);
}

}  // namespace
}  // namespace otlpipe::kube
