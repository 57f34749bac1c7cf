// Every rule of the schema: it compiles, and a test makes it hold and fail.
#include <functional>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include "otlpipe/schema/v1/options.pb.h"
#include "otlpipe/v1alpha1/pipeline.pb.h"
#include "otlpipe/v1alpha1/worker_config.pb.h"
#include "proto/schema/cel/expression.h"
#include "proto/schema/decode.h"
#include "proto/schema/descriptors.h"
#include "tests/proto/schema/pipeline_text.h"

namespace otlpipe::schema {
namespace {

using google::protobuf::Descriptor;
using nlohmann::json;

void collect(const Descriptor& message, std::set<const Descriptor*>& all) {
  if (!all.insert(&message).second) return;
  for (int i = 0; i < message.field_count(); ++i) {
    if (json_kind(*message.field(i)) == JsonKind::kMessage && !message.field(i)->is_map()) {
      collect(*message.field(i)->message_type(), all);
    }
  }
}

std::set<const Descriptor*> all_messages() {
  std::set<const Descriptor*> all;
  collect(*v1alpha1::OtlpPipeline::descriptor(), all);
  collect(*v1alpha1::WorkerConfig::descriptor(), all);
  return all;
}

struct Case {
  std::function<void(json&)> breaks;  // changes the resource so that the rule fails, and nothing else
  std::string path;
};

json& spec(json& r) {
  return r["spec"];
}
json& http(json& r) {
  return r["spec"]["exporters"][1]["otlpHttp"];
}

// By the rule's id.
std::map<std::string, Case> cases() {
  return {
      {"name-length", {[](json& r) { r["metadata"]["name"] = std::string(41, 'a'); }, "metadata.name"}},
      {"name-is-label", {[](json& r) { r["metadata"]["name"] = "9a"; }, "metadata.name"}},
      {"receiver-ports-differ",
       {[](json& r) { spec(r)["receivers"].push_back(from_yaml("{name: two, otlp: {grpc: {port: 4318}}}")); },
        "spec.receivers"}},
      {"metrics-port-differs",
       {[](json& r) { spec(r)["telemetry"] = from_yaml("{metrics: {port: 4317}}"); },
        "spec.telemetry.metrics.port"}},
      {"memory-budget-fits", {[](json& r) { spec(r)["memoryBudget"] = "257Mi"; }, "spec.memoryBudget"}},
      {"otlp-ports-differ",
       {[](json& r) { spec(r)["receivers"][0]["otlp"]["http"]["port"] = 4317; },
        "spec.receivers[0].otlp.http.port"}},
      {"batch-metadata-no-framing",
       {[](json& r) { spec(r)["processors"][0]["batch"]["metadataKeys"] = {"x-tenant", "content-length"}; },
        "spec.processors[0].batch.metadataKeys"}},
      {"retry-interval-order",
       {[](json& r) { http(r)["retry"] = from_yaml("{initialInterval: 31s}"); },
        "spec.exporters[1].otlpHttp.retry.maxInterval"}},
      {"otlp-grpc-plain-text",
       {[](json& r) { spec(r)["exporters"][0]["otlpGrpc"].erase("tls"); }, "spec.exporters[0].otlpGrpc.tls"}},
      {"otlp-grpc-compression",
       {[](json& r) { spec(r)["exporters"][0]["otlpGrpc"]["compression"] = "brotli"; },
        "spec.exporters[0].otlpGrpc.compression"}},
      {"otlp-http-some-endpoint",
       {[](json& r) { http(r).erase("endpoint"); }, "spec.exporters[1].otlpHttp.endpoint"}},
      {"otlp-http-plain-text",
       {[](json& r) { http(r)["endpoint"] = "https://a"; }, "spec.exporters[1].otlpHttp.endpoint"}},
      {"otlp-http-traces-plain-text",
       {[](json& r) { http(r)["tracesEndpoint"] = "https://a"; },
        "spec.exporters[1].otlpHttp.tracesEndpoint"}},
      {"otlp-http-metrics-plain-text",
       {[](json& r) { http(r)["metricsEndpoint"] = "https://a"; },
        "spec.exporters[1].otlpHttp.metricsEndpoint"}},
      {"otlp-http-logs-plain-text",
       {[](json& r) { http(r)["logsEndpoint"] = "https://a"; }, "spec.exporters[1].otlpHttp.logsEndpoint"}},
      {"autoscaling-replica-order",
       {[](json& r) { spec(r)["autoscaling"] = from_yaml("{minReplicas: 2, maxReplicas: 1}"); },
        "spec.autoscaling.maxReplicas"}},
      {"pdb-exactly-one",
       {[](json& r) { spec(r)["podDisruptionBudget"] = from_yaml("{maxUnavailable: 1, minAvailable: 1}"); },
        "spec.podDisruptionBudget"}},
  };
}

json resource() {
  return {{"apiVersion", "otlpipe.io/v1alpha1"},
          {"kind", "OtlpPipeline"},
          {"metadata", {{"name", "gateway"}}},
          {"spec", small_spec()}};
}

TEST(Rules, EveryRuleCompilesHoldsForAValidResourceAndFailsForABrokenOne) {
  const auto known = cases();
  std::set<std::string> seen;
  for (const Descriptor* message : all_messages()) {
    for (const auto& rule : rules_of(*message).rule()) {
      SCOPED_TRACE(rule.id());
      EXPECT_TRUE(seen.insert(rule.id()).second) << "an id is used twice";
      EXPECT_TRUE(cel::Expression::compile(rule.cel()));
      const auto found = known.find(rule.id());
      ASSERT_NE(found, known.end()) << "no test makes this rule fail";
      v1alpha1::OtlpPipeline out;
      json broken = resource();
      EXPECT_THAT(decode(broken, out, ""), testing::IsEmpty());
      found->second.breaks(broken);
      EXPECT_THAT(decode(broken, out, ""),
                  testing::ElementsAre(FieldError{found->second.path, rule.message()}));
    }
  }
  EXPECT_EQ(seen.size(), known.size()) << "a test is for a rule that is gone";
}

TEST(Rules, RuleOverABrokenFieldAddsNoNoise) {
  json broken = resource();
  http(broken)["retry"] = from_yaml("{initialInterval: soon}");
  v1alpha1::OtlpPipeline out;
  EXPECT_THAT(decode(broken, out, ""), testing::SizeIs(1));
}

TEST(Schema, DefaultsAndBoundsOfEveryFieldAreThemselvesValid) {
  for (const Descriptor* message : all_messages()) {
    for (int i = 0; i < message->field_count(); ++i) {
      const auto& field = *message->field(i);
      const auto& rules = rules_of(field);
      SCOPED_TRACE(field.full_name());
      EXPECT_FALSE(rules.required() && rules.has_default_())
          << "a default is never used when the field is required";
      EXPECT_TRUE(!rules.has_default_() || json::accept(default_json(field)));
      EXPECT_TRUE(rules.pattern().empty() || RE2(rules.pattern()).ok());
      EXPECT_TRUE(rules.key_pattern().empty() || RE2(rules.key_pattern()).ok());
      EXPECT_EQ(rules.pattern().empty(), rules.pattern_hint().empty());
      EXPECT_EQ(rules.key_pattern().empty(), rules.key_pattern_hint().empty());
    }
  }
}

}  // namespace
}  // namespace otlpipe::schema
