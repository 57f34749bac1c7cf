#include "proto/schema/encode.h"

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "proto/schema/decode.h"
#include "tests/proto/schema/pipeline_text.h"

namespace otlpipe::schema {
namespace {

using google::protobuf::util::MessageDifferencer;
using nlohmann::json;

TEST(Encode, DecodingItGivesTheSameMessage) {
  json source = small_spec();
  source["affinity"] = from_yaml("{a: [1, 2.5, true, null, {b: c}]}");
  source["resources"] = from_yaml("{requests: {cpu: 1, memory: 0.5Gi}}");
  source["podDisruptionBudget"] = {{"minAvailable", "50%"}};
  source["memoryBudget"] = 123456789;
  source["exporters"][0]["otlpGrpc"]["headers"] = {{"b", "2"}, {"a", "1"}};
  source["autoscaling"] = {{"maxReplicas", 3}, {"targetCPUUtilization", 70}};
  const auto spec = decoded(source);
  const auto again = decoded(encode(spec));
  EXPECT_TRUE(MessageDifferencer::Equals(spec, again));
  EXPECT_EQ(encode(again).dump(), encode(spec).dump());
}

TEST(Encode, WordsAreThoseOfKubernetes) {
  json source = small_spec();
  source["processors"][0]["batch"] = from_yaml("{timeout: 1500ms, maxBytes: 2048Ki}");
  source["exporters"][0]["otlpGrpc"]["queue"] = from_yaml("{overflow: DropOldest}");
  source["memoryBudget"] = 10000001;
  const json out = encode(decoded(source));
  EXPECT_EQ(out["processors"][0]["batch"]["timeout"], "1.5s");
  EXPECT_EQ(out["processors"][0]["batch"]["maxBytes"], "2Mi");
  EXPECT_EQ(out["exporters"][0]["otlpGrpc"]["queue"]["overflow"], "DropOldest");
  EXPECT_EQ(out["exporters"][0]["otlpGrpc"]["retry"]["multiplier"].dump(), "2");
  EXPECT_EQ(out["memoryBudget"], 10000001);
  EXPECT_EQ(out["podDisruptionBudget"]["maxUnavailable"].dump(), "1");
  EXPECT_EQ(out["pipelines"][0]["signals"], json({"traces", "metrics", "logs"}));
}

TEST(Encode, ZeroIsWrittenWhereAbsenceWouldMeanTheDefault) {
  json source = small_spec();
  source["replicas"] = 0;
  EXPECT_EQ(encode(decoded(source))["replicas"], 0);
}

TEST(Encode, WhatIsNotSetIsNotWritten) {
  const json out = encode(decoded(small_spec()));
  EXPECT_FALSE(out.contains("autoscaling"));
  EXPECT_FALSE(out.contains("memoryBudget"));
  EXPECT_FALSE(out.contains("env"));
}

}  // namespace
}  // namespace otlpipe::schema
