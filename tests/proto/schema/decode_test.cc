#include "proto/schema/decode.h"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/proto/schema/pipeline_text.h"

namespace otlpipe::schema {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(Decode, DefaultsAreFilledIn) {
  const auto spec = decoded(small_spec());
  EXPECT_EQ(spec.mode(), v1alpha1::MODE_DEPLOYMENT);
  EXPECT_EQ(spec.replicas(), 1);
  EXPECT_EQ(spec.receivers(0).otlp().grpc().port(), 4317);
  EXPECT_EQ(spec.receivers(0).otlp().http().max_message_size(), std::int64_t{64} << 20);
  EXPECT_EQ(spec.processors(0).batch().timeout().nanos(), 100'000'000);
  const auto& exporter = spec.exporters(0).otlp_grpc();
  EXPECT_EQ(exporter.compression(), v1alpha1::COMPRESSION_GZIP);
  EXPECT_EQ(exporter.queue().max_items(), 10000);
  EXPECT_EQ(exporter.queue().overflow(), v1alpha1::OVERFLOW_BLOCK);
  EXPECT_EQ(exporter.retry().multiplier(), 2);
  EXPECT_EQ(spec.pipelines(0).signals_size(), 3);
  EXPECT_EQ(spec.telemetry().metrics().port(), 8888);
  EXPECT_EQ(spec.resources().limits().at("memory"), "256Mi");
  EXPECT_EQ(spec.pod_disruption_budget().max_unavailable(), "1");
  EXPECT_FALSE(spec.has_memory_budget());
}

TEST(Decode, EmptyOtlpReceiverServesBothProtocols) {
  json spec = small_spec();
  spec["receivers"][0]["otlp"] = json::object();
  EXPECT_EQ(decoded(spec).receivers(0).otlp().http().port(), 4318);
  spec["receivers"][0]["otlp"] = {{"http", json::object()}};
  EXPECT_FALSE(decoded(spec).receivers(0).otlp().has_grpc());
}

TEST(Decode, NullMeansAbsentAsInKubernetes) {
  json spec = small_spec();
  spec["replicas"] = nullptr;
  EXPECT_EQ(decoded(spec).replicas(), 1);
}

TEST(Decode, ManyErrorsComeAllAtOnceWithExactPaths) {
  json spec = small_spec();
  spec["replicas"] = "3";
  spec["exporters"][0]["otlpGrpc"]["retry"]["multiplier"] = 0.5;
  spec["exporters"][0]["otlpGrpc"]["retry"]["initialInterval"] = 5;
  spec["pipelines"][0]["exporters"] = {"grpc", "gprc"};
  EXPECT_THAT(
      errors_of(spec),
      ElementsAre(
          "spec.replicas: must be a whole number, not '3'",
          "spec.exporters[0].otlpGrpc.retry.initialInterval: 5 is not allowed, must be a duration such as "
          "100ms, 1m30s or 0s",
          "spec.exporters[0].otlpGrpc.retry.multiplier: 0.5 is below the minimum 1",
          "spec.pipelines[0].exporters[1]: 'gprc' is not the name of an item of spec.exporters, did you mean "
          "grpc?"));
}

struct Bad {
  const char* name;
  std::function<void(json&)> change;
  const char* error;
};
void PrintTo(const Bad& bad, std::ostream* out) {
  *out << bad.name;
}

class BadSpec : public testing::TestWithParam<Bad> {};

TEST_P(BadSpec, IsRefusedWithPathReasonAndWhatIsAllowed) {
  json spec = small_spec();
  GetParam().change(spec);
  EXPECT_THAT(errors_of(spec), ElementsAre(GetParam().error));
}

json& grpc(json& spec) {
  return spec["exporters"][0]["otlpGrpc"];
}
json& server(json& spec) {
  return spec["receivers"][0]["otlp"]["grpc"];
}

INSTANTIATE_TEST_SUITE_P(
    Each, BadSpec,
    testing::Values(
        Bad{"unknown_field_is_suggested", [](json& s) { s["imag"] = ""; },
            "spec.imag: is not a known field, did you mean image?"},
        Bad{"unknown_field_lists_what_there_is", [](json& s) { s["telemetry"] = {{"zzz", 1}}; },
            "spec.telemetry.zzz: is not a known field, allowed: logLevel, metrics"},
        Bad{"proto_name_is_not_json_name", [](json& s) { grpc(s)["queue"] = {{"max_items", 1}}; },
            "spec.exporters[0].otlpGrpc.queue.max_items: is not a known field, did you mean maxItems?"},
        Bad{"missing_required", [](json& s) { grpc(s).erase("endpoint"); },
            "spec.exporters[0].otlpGrpc.endpoint: is required"},
        Bad{"list_for_object", [](json& s) { grpc(s)["queue"] = json::array(); },
            "spec.exporters[0].otlpGrpc.queue: must be an object, not a list"},
        Bad{"object_for_list",
            [](json& s) {
              s["processors"] = json::object();
              s["pipelines"][0].erase("processors");
            },
            "spec.processors: must be a list, not an object"},
        Bad{"number_for_text", [](json& s) { grpc(s)["headers"] = {{"a", 1}}; },
            "spec.exporters[0].otlpGrpc.headers.a: must be text, not a number (put it in quotes)"},
        Bad{"text_for_bool", [](json& s) { grpc(s)["tls"]["insecure"] = "true"; },
            "spec.exporters[0].otlpGrpc.tls.insecure: must be true or false, not text"},
        Bad{"fraction_for_integer", [](json& s) { s["replicas"] = 1.5; },
            "spec.replicas: must be a whole number, not 1.5"},
        Bad{"below_minimum", [](json& s) { server(s)["port"] = 0; },
            "spec.receivers[0].otlp.grpc.port: 0 is below the minimum 1"},
        Bad{"above_maximum", [](json& s) { server(s)["port"] = 65536; },
            "spec.receivers[0].otlp.grpc.port: 65536 is above the maximum 65535"},
        Bad{"huge_number", [](json& s) { s["replicas"] = std::uint64_t{18446744073709551615U}; },
            "spec.replicas: must be a whole number, not 18446744073709551615"},
        Bad{"duration_below_minimum", [](json& s) { s["processors"][0]["batch"]["timeout"] = "0s"; },
            "spec.processors[0].batch.timeout: 0s is below the minimum 1ms"},
        Bad{"duration_without_unit", [](json& s) { s["processors"][0]["batch"]["timeout"] = "100"; },
            "spec.processors[0].batch.timeout: '100' is not allowed, must be a duration such as 100ms, 1m30s "
            "or 0s"},
        Bad{"quantity_malformed", [](json& s) { s["memoryBudget"] = "160X"; },
            "spec.memoryBudget: '160X' is not allowed, must be a number of bytes such as 64Mi, 1.5Gi or "
            "1000000"},
        Bad{"quantity_above_maximum", [](json& s) { grpc(s)["queue"] = {{"maxBytes", "2Ti"}}; },
            "spec.exporters[0].otlpGrpc.queue.maxBytes: 2Ti is above the maximum 1Ti"},
        Bad{"word_unknown", [](json& s) { grpc(s)["queue"] = {{"overflow", "dropOldest"}}; },
            "spec.exporters[0].otlpGrpc.queue.overflow: 'dropOldest' is not allowed, allowed: Block, "
            "DropOldest, DropNewest"},
        Bad{"unspecified_is_no_word", [](json& s) { s["mode"] = "Unspecified"; },
            "spec.mode: 'Unspecified' is not allowed, allowed: Deployment"},
        Bad{"mode_not_supported", [](json& s) { s["mode"] = "DaemonSet"; },
            "spec.mode: DaemonSet is not supported yet: this mode comes with a later release, use "
            "Deployment"},
        Bad{"disk_queue_not_supported", [](json& s) { grpc(s)["queue"] = {{"type", "disk"}}; },
            "spec.exporters[0].otlpGrpc.queue.type: disk is not supported yet: disk queues come with a later "
            "release, use memory"},
        Bad{"server_tls_not_supported", [](json& s) { server(s)["tls"] = {{"cert", {{"file", "/c"}}}}; },
            "spec.receivers[0].otlp.grpc.tls.cert: is not supported yet: TLS of receivers comes with a later "
            "release"},
        Bad{"empty_object_is_refused_as_the_api_server_does",
            [](json& s) { grpc(s)["discovery"] = json::object(); },
            "spec.exporters[0].otlpGrpc.discovery: is not supported yet: discovery comes with a later "
            "release, "
            "use endpoint"},
        Bad{"cors_not_supported",
            [](json& s) { s["receivers"][0]["otlp"]["http"]["cors"] = {{"allowedOrigins", {"https://a"}}}; },
            "spec.receivers[0].otlp.http.cors.allowedOrigins: is not supported yet: telemetry from browsers "
            "comes with a later "
            "release"},
        Bad{"endpoint_with_scheme", [](json& s) { grpc(s)["endpoint"] = "http://a:1"; },
            "spec.exporters[0].otlpGrpc.endpoint: 'http://a:1' is not allowed, must be HOST:PORT such as "
            "collector.example:4317, "
            "without a scheme"},
        Bad{"endpoint_port_too_large", [](json& s) { grpc(s)["endpoint"] = "a:65536"; },
            "spec.exporters[0].otlpGrpc.endpoint: 'a:65536' is not allowed, must be HOST:PORT such as "
            "collector.example:4317, "
            "without a scheme"},
        Bad{"url_without_scheme", [](json& s) { s["exporters"][1]["otlpHttp"]["endpoint"] = "a:1"; },
            "spec.exporters[1].otlpHttp.endpoint: 'a:1' is not allowed, must be a URL such as "
            "http://collector.example:4318"},
        Bad{"header_name", [](json& s) { grpc(s)["headers"] = {{"X-A", "b"}}; },
            "spec.exporters[0].otlpGrpc.headers.X-A: the name is not allowed, must be lower-case letters, "
            "digits, '_', '-' and '.'"},
        Bad{"header_value", [](json& s) { grpc(s)["headers"] = {{"a", "b\r\nc: d"}}; },
            "spec.exporters[0].otlpGrpc.headers.a: 'b\\r\\nc: d' is not allowed, must be printable ASCII "
            "characters"},
        Bad{"name_not_a_label", [](json& s) { s["exporters"][1]["name"] = "A_b"; },
            "spec.exporters[1].name: 'A_b' is not allowed, must be lower-case letters, digits and '-', with "
            "a letter or digit at "
            "both ends, 63 at most"},
        Bad{"no_kind_given", [](json& s) { s["exporters"][1] = {{"name", "x"}}; },
            "spec.exporters[1]: give one of otlpGrpc, otlpHttp, debug, file"},
        Bad{"two_kinds_given", [](json& s) { s["exporters"][1]["debug"] = json::object(); },
            "spec.exporters[1]: give only one of otlpHttp, debug"},
        Bad{"duplicate_name", [](json& s) { s["exporters"][1]["name"] = "grpc"; },
            "spec.exporters[1].name: \"grpc\" is already used by spec.exporters[0]"},
        Bad{"duplicate_reference", [](json& s) { s["pipelines"][0]["exporters"] = {"grpc", "grpc"}; },
            "spec.pipelines[0].exporters[1]: \"grpc\" is already used by spec.pipelines[0].exporters[0]"},
        Bad{"dangling_reference", [](json& s) { s["pipelines"][0]["processors"] = {"zzz"}; },
            "spec.pipelines[0].processors[0]: 'zzz' is not the name of an item of spec.processors, there "
            "are: batch"},
        Bad{"empty_list", [](json& s) { s["pipelines"][0]["exporters"] = json::array(); },
            "spec.pipelines[0].exporters: needs at least 1 item"},
        Bad{"too_many_items",
            [](json& s) { s["exporters"] = json(std::vector<json>(65, s["exporters"][0])); },
            "spec.exporters: has 65 items, 64 at most"},
        Bad{"reference_malformed", [](json& s) { grpc(s)["endpoint"] = "${env:1X}"; },
            "spec.exporters[0].otlpGrpc.endpoint: '${env:1X}' has no name of an environment variable, write "
            "${env:NAME} or "
            "${env:NAME:-default}, and $${ for the characters ${"},
        Bad{"cpu_quantity", [](json& s) { s["resources"] = {{"limits", {{"cpu", "1 core"}}}}; },
            "spec.resources.limits.cpu: '1 core' is not allowed, must be a quantity such as 100m, 0.5, 256Mi "
            "or 1Gi"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Decode, WhatIsNotSupportedIsFineWhileItSaysNothing) {
  json spec = small_spec();
  server(spec)["tls"] = json::object();
  server(spec)["auth"] = json::object();
  spec["receivers"][0]["otlp"]["http"]["cors"] = {{"allowedOrigins", json::array()}};
  grpc(spec)["endpoints"] = json::array();
  EXPECT_THAT(errors_of(spec), IsEmpty());
}

TEST(Decode, ReferenceToTheEnvironmentIsCheckedOnceItIsResolved) {
  json spec = small_spec();
  grpc(spec)["endpoint"] = "${env:BACKEND:-collector:4317}";
  EXPECT_EQ(decoded(spec).exporters(0).otlp_grpc().endpoint(), "${env:BACKEND:-collector:4317}");
}

TEST(Decode, NamesHoldNoReferences) {
  json spec = small_spec();
  spec["exporters"][1]["name"] = "${env:X}";
  EXPECT_THAT(errors_of(spec), testing::SizeIs(1));
}

TEST(Decode, KubernetesPiecesPassThroughUnchanged) {
  json spec = small_spec();
  spec["affinity"] = from_yaml("{nodeAffinity: {a: [1, 2.5, true, null, {b: c}]}}");
  spec["env"] = from_yaml("[{name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}]");
  EXPECT_EQ(decoded(spec)
                .affinity()
                .fields()
                .at("nodeAffinity")
                .struct_value()
                .fields()
                .at("a")
                .list_value()
                .values_size(),
            5);
  EXPECT_EQ(decoded(spec).env_size(), 1);
}

TEST(Decode, WholeResourceNeedsItsKindAndAName) {
  json resource = {{"apiVersion", "otlpipe.io/v2"},
                   {"kind", "OtlpPipeline"},
                   {"metadata", json::object()},
                   {"spec", small_spec()}};
  v1alpha1::OtlpPipeline out;
  EXPECT_THAT(
      decode(resource, out, ""),
      Contains(FieldError{"apiVersion", "'otlpipe.io/v2' is not allowed, must be otlpipe.io/v1alpha1"}));
  EXPECT_THAT(decode(resource, out, ""), Contains(testing::Field(&FieldError::path, "metadata.name")));
}

TEST(Decode, ValueThatIsNoObjectIsRefused) {
  v1alpha1::OtlpPipelineSpec out;
  for (const json& value : {json(), json(1), json("x"), json::array()})
    EXPECT_THAT(decode(value, out, "spec"), testing::SizeIs(1));
}

TEST(Validate, MessageMadeInMemoryIsCheckedByTheSameRules) {
  auto spec = decoded(small_spec());
  EXPECT_THAT(validate(spec, "spec"), IsEmpty());
  spec.mutable_exporters(0)->mutable_otlp_grpc()->mutable_retry()->set_multiplier(0);
  EXPECT_THAT(validate(spec, "spec"), ElementsAre(FieldError{"spec.exporters[0].otlpGrpc.retry.multiplier",
                                                             "0 is below the minimum 1"}));
}

TEST(ToError, NamesTheFirstAndCountsTheRest) {
  const Error error = to_error({{"a", "x"}, {"b", "y"}, {"c", "z"}});
  EXPECT_EQ(error.to_string(), "a: x (and 2 more)");
}

}  // namespace
}  // namespace otlpipe::schema
