// What goes over the wire, and what is written.

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"
#include "otlpipe/v1alpha1/exporters.pb.h"
#include "proto/schema/decode.h"
#include "tests/support/worker/fake_network.h"
#include "tests/support/worker/otlp_data.h"
#include "worker/exporters/address.h"
#include "worker/exporters/debug/sender.h"
#include "worker/exporters/file/sender.h"
#include "worker/exporters/otlp_grpc/sender.h"
#include "worker/exporters/otlp_http/sender.h"
#include "worker/exporters/otlp_json.h"

namespace otlpipe::worker::exporters {
namespace {

using data::Batch;

v1alpha1::Exporter decode(const std::string& json) {
  v1alpha1::Exporter config;
  const auto errors = schema::decode(nlohmann::json::parse(json), config, "");
  EXPECT_TRUE(errors.empty()) << errors.front().to_string();
  return config;
}

Batch batch_of(Signal signal, std::size_t records) {
  return {signal, Bytes::from(testing::make_request(signal, records)), records, {}};
}

struct AddressCase {
  const char* text;
  std::uint16_t default_port;
  Address expected;
};

TEST(ParseAddress, ReadsUrlsAndHostsWithAndWithoutPort) {
  const AddressCase cases[] = {{"host:55", 4317, {false, "host", 55, ""}},
                               {"host", 4317, {false, "host", 4317, ""}},
                               {"http://host:55/", 4317, {false, "host", 55, ""}},
                               {"https://host", 4317, {true, "host", 4317, ""}},
                               {"http://host/a/b/", 0, {false, "host", 80, "/a/b"}},
                               {"https://host/a", 0, {true, "host", 443, "/a"}},
                               {"[::1]:99", 4317, {false, "::1", 99, ""}},
                               {"http://[fe80::1]/x", 0, {false, "fe80::1", 80, "/x"}}};
  for (const AddressCase& c : cases) {
    const auto address = parse_address(c.text, c.default_port);
    ASSERT_TRUE(address) << c.text;
    EXPECT_EQ(address->tls, c.expected.tls) << c.text;
    EXPECT_EQ(address->host, c.expected.host) << c.text;
    EXPECT_EQ(address->port, c.expected.port) << c.text;
    EXPECT_EQ(address->path, c.expected.path) << c.text;
  }
}

TEST(ParseAddress, RefusesWhatIsNone) {
  for (const char* const text :
       {"", ":80", "host:", "host:0", "host:65536", "host:80x", "ftp://host", "[::1", "[::1]x"}) {
    const auto address = parse_address(text, 1);
    EXPECT_EQ(address.has_value(), std::string(text) == "host:") << text;
  }
}

TEST(OtlpGrpcSender, CallsTheSignalsMethodWithTheBytesAndHeaders) {
  testing::FakeNetwork network;
  const auto proto = decode(
      R"({"name":"b","otlpGrpc":{"endpoint":"h:1","compression":"zstd","timeout":"3s","headers":{"x-tenant":"a"},"tls":{"insecure":true}}})");
  auto config = std::make_shared<const otlp_grpc::Config>(otlp_grpc::read_config(proto.otlp_grpc()).value());
  const auto sender = otlp_grpc::make_sender(config, network.connect({}));
  Batch batch = batch_of(Signal::kMetrics, 3);
  batch.append(batch_of(Signal::kMetrics, 2));
  std::optional<queue::SendResult> result;
  sender->send(batch, [&](queue::SendResult r) { result = std::move(r); });
  const auto call = network.next_call();
  EXPECT_EQ(call->request.path, "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export");
  EXPECT_EQ(call->body(), testing::bytes_of(batch));
  EXPECT_EQ(call->request.compression, transport::Compression::kZstd);
  EXPECT_EQ(call->request.timeout, std::chrono::seconds(3));
  EXPECT_EQ(transport::find_header(call->request.headers, "x-tenant"), "a");
  call->answer_grpc(0);
  EXPECT_EQ(result->kind, queue::SendResult::Kind::kDelivered);
}

TEST(OtlpGrpcSender, SendsTheBatchsMetadataUnlessTheConfigurationSaysOtherwise) {
  testing::FakeNetwork network;
  const auto proto = decode(
      R"({"name":"b","otlpGrpc":{"endpoint":"h:1","headers":{"x-zone":"own"},"tls":{"insecure":true}}})");
  auto config = std::make_shared<const otlp_grpc::Config>(otlp_grpc::read_config(proto.otlp_grpc()).value());
  const auto sender = otlp_grpc::make_sender(config, network.connect({}));
  Batch batch = batch_of(Signal::kMetrics, 3);
  batch.set_metadata(
      std::make_shared<const data::Metadata>(data::Metadata{{"x-tenant", "a"}, {"x-zone", "z"}}));
  sender->send(batch, [](const queue::SendResult&) {});
  EXPECT_EQ(network.next_call()->request.headers, (transport::Headers{{"x-zone", "own"}, {"x-tenant", "a"}}));
}

// What both senders, which are configured for gzip, make of the batch.
struct Sent {
  std::string body;
  bool compressed;
};
std::array<Sent, 2> sent_by_both(const Batch& batch) {
  testing::FakeNetwork network;
  SystemClock clock;
  const auto grpc =
      decode(R"({"name":"b","otlpGrpc":{"endpoint":"h:1","compression":"gzip","tls":{"insecure":true}}})");
  const auto http = decode(R"({"name":"b","otlpHttp":{"endpoint":"http://h:1","compression":"gzip"}})");
  const auto grpc_sender = otlp_grpc::make_sender(
      std::make_shared<const otlp_grpc::Config>(otlp_grpc::read_config(grpc.otlp_grpc()).value()),
      network.connect({}));
  const auto http_sender = otlp_http::make_sender(
      std::make_shared<const otlp_http::Config>(otlp_http::read_config(http.otlp_http()).value()), network,
      clock);
  std::array<Sent, 2> sent;
  std::size_t at = 0;
  for (queue::Sender* sender : {grpc_sender.get(), http_sender.get()}) {
    sender->send(batch, [](const queue::SendResult&) {});
    const auto call = network.next_call();
    EXPECT_EQ(call->request.compression, transport::Compression::kGzip);
    sent[at++] = {call->body(), call->request.compressed};
  }
  return sent;
}

TEST(OtlpSenders, BatchThatCameInTheExportersCompressionGoesOutAsItCame) {
  Batch batch = batch_of(Signal::kTraces, 3);
  batch.set_packed({compression::Compression::kGzip, Bytes::from("as it came")});
  for (const Sent& sent : sent_by_both(batch)) {
    EXPECT_EQ(sent.body, "as it came");
    EXPECT_TRUE(sent.compressed);
  }
}

TEST(OtlpSenders, BatchThatCameInAnotherCompressionIsCompressedAnew) {
  Batch batch = batch_of(Signal::kTraces, 3);
  const std::string content = testing::bytes_of(batch);
  batch.set_packed({compression::Compression::kZstd, Bytes::from("as it came")});
  for (const Sent& sent : sent_by_both(batch)) {
    EXPECT_EQ(sent.body, content);
    EXPECT_FALSE(sent.compressed);
  }
}

class OtlpHttpPaths : public ::testing::Test {
 protected:
  // "host:port path" for each signal; empty when nothing was sent.
  std::vector<std::string> targets(const std::string& json) {
    const auto proto = decode(R"({"name":"w","otlpHttp":)" + json + "}");
    auto config =
        std::make_shared<const otlp_http::Config>(otlp_http::read_config(proto.otlp_http()).value());
    const auto sender = otlp_http::make_sender(config, network_, clock_);
    std::vector<std::string> result;
    for (const Signal signal : kAllSignals) {
      sender->send(batch_of(signal, 1), [](const queue::SendResult&) {});
      const auto call = network_.next_call();
      result.push_back(call ? call->peer + " " + call->request.path : "");
      if (call) {
        EXPECT_EQ(transport::find_header(call->request.headers, "content-type"), "application/x-protobuf");
      }
    }
    return result;
  }
  testing::FakeNetwork network_;
  SystemClock clock_;
};

using Targets = std::vector<std::string>;

TEST_F(OtlpHttpPaths, BaseEndpointGetsTheSignalsPath) {
  EXPECT_EQ(targets(R"({"endpoint":"http://h:4318"})"),
            (Targets{"h:4318 /v1/traces", "h:4318 /v1/metrics", "h:4318 /v1/logs"}));
  EXPECT_EQ(targets(R"({"endpoint":"http://h/otlp/"})"),
            (Targets{"h:80 /otlp/v1/traces", "h:80 /otlp/v1/metrics", "h:80 /otlp/v1/logs"}));
}

TEST_F(OtlpHttpPaths, FullEndpointOfASignalIsUsedAsItIs) {
  EXPECT_EQ(
      targets(R"({"endpoint":"http://h:1","tracesEndpoint":"http://t:2/in","logsEndpoint":"http://l:3"})"),
      (Targets{"t:2 /in", "h:1 /v1/metrics", "l:3 /"}));
  EXPECT_EQ(targets(R"({"tracesEndpoint":"http://t:2/in"})"), (Targets{"t:2 /in", "", ""}));
}

TEST(OtlpJson, IdsAreHexLongsAreTextEnumsAreNumbers) {
  opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest request;
  auto& span = *request.add_resource_spans()->add_scope_spans()->add_spans();
  span.set_trace_id(std::string("\x01\xff", 2) + std::string(14, '\0'));
  span.set_span_id("abcdefgh");
  span.set_name("say \"hi\"\n\x01");
  span.set_kind(opentelemetry::proto::trace::v1::Span::SPAN_KIND_SERVER);
  span.set_start_time_unix_nano(1'700'000'000'000'000'001ULL);
  auto& attribute = *span.add_attributes();
  attribute.set_key("blob");
  attribute.mutable_value()->set_bytes_value(std::string("\x00\x01\xfe\xff", 4));
  span.add_attributes()->mutable_value()->set_bool_value(false);
  span.add_attributes()->mutable_value()->set_int_value(-5);
  span.add_attributes()->mutable_value()->set_double_value(0.1);
  const auto text = to_otlp_json({Signal::kTraces, Bytes::from(request.SerializeAsString()), 1, {}});
  ASSERT_TRUE(text);
  EXPECT_EQ(text->find('\n'), std::string::npos);
  const auto json = nlohmann::json::parse(*text)["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
  EXPECT_EQ(json["traceId"], "01ff0000000000000000000000000000");
  EXPECT_EQ(json["spanId"], "6162636465666768");
  EXPECT_EQ(json["name"], "say \"hi\"\n\x01");
  EXPECT_EQ(json["kind"], 2);
  EXPECT_EQ(json["startTimeUnixNano"], "1700000000000000001");
  EXPECT_EQ(json["attributes"][0]["value"]["bytesValue"], "AAH+/w==");
  EXPECT_EQ(json["attributes"][1]["value"]["boolValue"], false);
  EXPECT_EQ(json["attributes"][2]["value"]["intValue"], "-5");
  EXPECT_EQ(json["attributes"][3]["value"]["doubleValue"], 0.1);
  EXPECT_FALSE(json.contains("endTimeUnixNano"));
}

TEST(OtlpJson, NumbersThatJsonDoesNotHaveAreTexts) {
  opentelemetry::proto::collector::metrics::v1::ExportMetricsServiceRequest request;
  auto& gauge = *request.add_resource_metrics()->add_scope_metrics()->add_metrics()->mutable_gauge();
  for (const double value :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity(), 1e300}) {
    gauge.add_data_points()->set_as_double(value);
  }
  const auto text = to_otlp_json({Signal::kMetrics, Bytes::from(request.SerializeAsString()), 4, {}});
  const auto points = nlohmann::json::parse(
      *text)["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0]["gauge"]["dataPoints"];
  EXPECT_EQ(points[0]["asDouble"], "NaN");
  EXPECT_EQ(points[1]["asDouble"], "Infinity");
  EXPECT_EQ(points[2]["asDouble"], "-Infinity");
  EXPECT_EQ(points[3]["asDouble"], 1e300);
}

TEST(OtlpJson, RandomDataIsAlwaysJson) {
  std::mt19937 random(17);
  for (int i = 0; i < 100; ++i) {
    const Signal signal = kAllSignals[i % 3];
    const auto text =
        to_otlp_json({signal, Bytes::from(testing::make_random_request(signal, random)), 1, {}});
    ASSERT_TRUE(text);
    EXPECT_TRUE(nlohmann::json::accept(*text));
  }
}

class Paper final : public LineWriter {
 public:
  Status write(std::string_view block) override {
    text += block;
    return {};
  }
  std::string text;
};

std::string printed(const Batch& batch, debug::Verbosity verbosity) {
  const auto paper = std::make_shared<Paper>();
  debug::make_sender(verbosity, paper)->send(batch, [](const queue::SendResult& result) {
    EXPECT_EQ(result.kind, queue::SendResult::Kind::kDelivered);
  });
  return paper->text;
}

TEST(Debug, BasicIsALineABatch) {
  const Batch batch = batch_of(Signal::kTraces, 3);
  EXPECT_EQ(printed(batch, debug::Verbosity::kBasic),
            "traces: 3 spans, " + std::to_string(batch.bytes()) + " bytes\n");
}

TEST(Debug, NormalIsALineARecordOfEverySignal) {
  for (const Signal signal : kAllSignals) {
    const std::string text = printed(batch_of(signal, 20), debug::Verbosity::kNormal);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 20) << text;
    EXPECT_NE(text.find("r0"), std::string::npos) << text;
  }
}

TEST(Debug, DetailedIsJson) {
  EXPECT_TRUE(nlohmann::json::accept(printed(batch_of(Signal::kLogs, 2), debug::Verbosity::kDetailed)));
}

TEST(File, DataThatIsNotUtf8IsRefusedForGoodAndLeavesNoTrace) {
  std::string request = testing::make_request(Signal::kLogs, 1, "name");
  request[request.find("name")] = '\xff';
  const auto paper = std::make_shared<Paper>();
  std::optional<queue::SendResult> result;
  file::make_sender(paper)->send({Signal::kLogs, Bytes::from(request), 1, {}},
                                 [&](queue::SendResult r) { result = std::move(r); });
  EXPECT_EQ(result->kind, queue::SendResult::Kind::kBadData);
  EXPECT_EQ(paper->text, "");
}

TEST(LineFile, AppendsToWhatIsThereAndNamesWhatCannotBeOpened) {
  char folder[] = "/tmp/otlpipe-lines-XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  const std::string path = std::string(folder) + "/out";
  ASSERT_TRUE((*open_line_file(path))->write("one\n"));
  ASSERT_TRUE((*open_line_file(path))->write("two\n"));
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  EXPECT_EQ(text.str(), "one\ntwo\n");
  const auto missing = open_line_file(std::string(folder) + "/no/such/folder");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().to_string().find("/no/such/folder"), std::string::npos);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace otlpipe::worker::exporters
