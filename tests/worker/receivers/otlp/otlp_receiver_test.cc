#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/support/worker/otlp_data.h"
#include "worker/data/export_response.h"
#include "worker/pipeline/memory_budget.h"
#include "worker/receivers/otlp/answer.h"
#include "worker/receivers/otlp/handlers.h"

namespace otlpipe::worker::receivers::otlp {
namespace {

using data::Batch;
using data::Outcome;
using testing::make_request;
using transport::GrpcStatus;
using transport::HttpResponse;
using transport::ServerRequest;

class Collect final : public pipeline::Consumer {
 public:
  void consume(Batch batch) override { batches.push_back(std::move(batch)); }
  std::vector<Batch> batches;
};

const char* const kGrpcLogs = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

class OtlpReceiver : public ::testing::Test {
 protected:
  OtlpReceiver() { outputs_->set({&next_, &next_, &next_}); }

  struct GrpcCall {
    GrpcStatus status;
    std::string message;
  };
  std::shared_ptr<std::optional<GrpcCall>> call_grpc(std::string body, std::string path = kGrpcLogs) {
    auto answer = std::make_shared<std::optional<GrpcCall>>();
    ServerRequest request;
    request.method = "POST";
    request.path = std::move(path);
    const std::size_t size = body.size();
    request.body = Bytes::from(std::move(body));
    EXPECT_TRUE(budget_->try_acquire(size));
    request.credit = transport::MemoryCredit(budget_, size);
    grpc_->on_grpc(std::move(request), [answer](GrpcStatus status, std::string message) {
      EXPECT_FALSE(*answer) << "answered twice";
      *answer = GrpcCall{std::move(status), std::move(message)};
    });
    return answer;
  }
  static ServerRequest http_head(std::string path, std::string type = "application/x-protobuf",
                                 std::string method = "POST") {
    ServerRequest head;
    head.method = std::move(method);
    head.path = std::move(path);
    if (!type.empty()) head.headers = {{"content-type", std::move(type)}};
    return head;
  }
  std::shared_ptr<std::optional<HttpResponse>> call_http(std::string body, std::string path = "/v1/logs") {
    auto answer = std::make_shared<std::optional<HttpResponse>>();
    ServerRequest request = http_head(std::move(path));
    request.body = Bytes::from(std::move(body));
    http_->on_http(std::move(request), [answer](HttpResponse response) { *answer = std::move(response); });
    return answer;
  }
  static google::rpc::Status status_of(const std::string& bytes) {
    google::rpc::Status status;
    EXPECT_TRUE(status.ParseFromString(bytes));
    return status;
  }
  std::uint64_t counted(const std::string& name) { return registry_.sum("otlpipe_receiver_" + name, {}); }

  telemetry::Registry registry_{1};
  Collect next_;
  std::shared_ptr<pipeline::Outputs> outputs_ = std::make_shared<pipeline::Outputs>();
  std::shared_ptr<pipeline::AtomicMemoryBudget> budget_ =
      std::make_shared<pipeline::AtomicMemoryBudget>(1 << 20);
  std::shared_ptr<const telemetry::ReceiverMetrics> metrics_ =
      std::make_shared<const telemetry::ReceiverMetrics>(registry_, "otlp", "grpc");
  std::shared_ptr<transport::ServerHandler> grpc_ = make_grpc_handler(Intake(metrics_, 0, outputs_));
  std::shared_ptr<transport::ServerHandler> http_ = make_http_handler(Intake(metrics_, 0, outputs_));
};

TEST_F(OtlpReceiver, RequestPassesOnByteForByteAndIsAnsweredAfterDelivery) {
  const std::string request = make_request(Signal::kLogs, 7);
  const auto answer = call_grpc(request);
  ASSERT_EQ(next_.batches.size(), 1U);
  EXPECT_EQ(testing::bytes_of(next_.batches[0]), request);
  EXPECT_EQ(next_.batches[0].records(), 7U);
  EXPECT_FALSE(*answer);
  next_.batches[0].resolve(Outcome::delivered());
  EXPECT_EQ((*answer)->status.code, 0);
  EXPECT_EQ((*answer)->message, "");
  EXPECT_EQ(counted("accepted_records"), 7U);
}

TEST_F(OtlpReceiver, BodyAsItCameStaysWithTheDataOnlyWhenAnExporterWantsItAndHoldsItsCredit) {
  using compression::Compression;
  const auto send = [&] {
    ServerRequest request = http_head("/v1/logs");
    request.body = Bytes::from(make_request(Signal::kLogs, 1));
    EXPECT_TRUE(budget_->try_acquire(6));
    request.packed = {{Compression::kGzip, Bytes::from("packed")}, transport::MemoryCredit(budget_, 6)};
    http_->on_http(std::move(request), [](const HttpResponse&) {});
    return next_.batches.back().packed().compression;
  };
  const auto by_signal = [](std::vector<Compression> traces, std::vector<Compression> logs) {
    return std::array<std::vector<Compression>, kSignalCount>{std::move(traces), {}, std::move(logs)};
  };
  EXPECT_EQ(send(), Compression::kNone);
  EXPECT_EQ(budget_->used(), 0U);
  outputs_->set({&next_, &next_, &next_}, {.compressions = by_signal({Compression::kGzip}, {})});
  EXPECT_EQ(send(), Compression::kNone) << "of another signal";
  outputs_->set({&next_, &next_, &next_}, {.compressions = by_signal({}, {Compression::kZstd})});
  EXPECT_EQ(send(), Compression::kNone);
  outputs_->set({&next_, &next_, &next_},
                {.compressions = by_signal({}, {Compression::kZstd, Compression::kGzip})});
  EXPECT_EQ(send(), Compression::kGzip);
  EXPECT_EQ(as_text(next_.batches.back().packed().bytes.view()), "packed");
  EXPECT_EQ(budget_->used(), 6U);
  next_.batches.clear();
  EXPECT_EQ(budget_->used(), 0U);
}

TEST_F(OtlpReceiver, HeadersThatAProcessorAskedForGoAlongAndNoOthers) {
  const auto send = [&](transport::Headers headers) {
    ServerRequest request = http_head("/v1/logs");
    request.headers.insert(request.headers.end(), headers.begin(), headers.end());
    request.body = Bytes::from(make_request(Signal::kLogs, 1));
    http_->on_http(std::move(request), [](const HttpResponse&) {});
    return next_.batches.back().metadata();
  };
  EXPECT_EQ(send({{"x-tenant", "a"}}), nullptr) << "nobody asked";
  outputs_->set({&next_, &next_, &next_}, {.metadata_keys = {"x-tenant", "x-zone"}});
  EXPECT_EQ(*send({{"x-zone", "z"}, {"x-secret", "s"}, {"x-tenant", "a"}}),
            (data::Metadata{{"x-tenant", "a"}, {"x-zone", "z"}}));
  EXPECT_EQ(send({}), nullptr);
}

TEST_F(OtlpReceiver, MemoryIsHeldAsLongAsAnybodyHoldsTheBytes) {
  call_grpc(make_request(Signal::kLogs, 7));
  EXPECT_GT(budget_->used(), 0U);
  const Bytes kept = next_.batches[0].chunks()[0];
  next_.batches[0].resolve(Outcome::delivered());
  next_.batches.clear();
  EXPECT_GE(budget_->used(), kept.size());
}

TEST_F(OtlpReceiver, MemoryIsGivenBackWithTheLastReference) {
  call_grpc(make_request(Signal::kLogs, 7));
  next_.batches.clear();
  EXPECT_EQ(budget_->used(), 0U);
}

// Two bytes a record on the wire, many more once the batch is split.
TEST_F(OtlpReceiver, CrowdOfEmptyRecordsCannotTakeMoreMemoryThanTheBudgetHas) {
  std::string records;
  for (int i = 0; i < 20'000; ++i) records.append("\x12\x00", 2);
  const auto field = [](char tag, const std::string& body) {
    std::string out(1, tag);
    for (std::size_t n = body.size(); n != 0; n >>= 7)
      out += static_cast<char>((n & 0x7f) | (n > 0x7f ? 0x80 : 0));
    return out + body;
  };
  const auto answer = call_grpc(field('\x0a', field('\x12', records)));
  ASSERT_TRUE(*answer);
  EXPECT_EQ((*answer)->status.code, 14);
  EXPECT_TRUE(next_.batches.empty());
  EXPECT_EQ(budget_->used(), 0U);
}

TEST_F(OtlpReceiver, EmptyRequestSucceedsAndGoesNowhere) {
  EXPECT_EQ((*call_grpc(""))->status.code, 0);
  EXPECT_EQ((*call_http(""))->status, 200);
  EXPECT_TRUE(next_.batches.empty());
}

TEST_F(OtlpReceiver, BadDataIsInvalidArgumentAndFourHundredAndNeverRetryable) {
  const auto grpc = call_grpc("\x0a\x7f");
  EXPECT_EQ((*grpc)->status.code, 3);
  EXPECT_EQ((*grpc)->status.details, "");
  const auto http = call_http("\x0a\x7f");
  EXPECT_EQ((*http)->status, 400);
  EXPECT_EQ(transport::find_header((*http)->headers, "content-type"), "application/x-protobuf");
  EXPECT_EQ(transport::find_header((*http)->headers, "retry-after"), "");
  EXPECT_EQ(status_of((*http)->body).code(), 3);
  EXPECT_TRUE(next_.batches.empty());
  EXPECT_EQ(counted("rejected_requests"), 2U);
}

TEST_F(OtlpReceiver, OverloadIsUnavailableWithRetryInfoAndServiceUnavailableWithRetryAfter) {
  const auto grpc = call_grpc(make_request(Signal::kLogs, 2));
  next_.batches[0].resolve(Outcome::retry("full", std::chrono::milliseconds(2500)));
  EXPECT_EQ((*grpc)->status.code, 14);
  google::rpc::RetryInfo info;
  ASSERT_TRUE(status_of((*grpc)->status.details).details(0).UnpackTo(&info));
  EXPECT_EQ(info.retry_delay().seconds(), 2);
  const auto http = call_http(make_request(Signal::kLogs, 2));
  next_.batches[1].resolve(Outcome::retry("full", std::chrono::milliseconds(2500)));
  EXPECT_EQ((*http)->status, 503);
  EXPECT_EQ(transport::find_header((*http)->headers, "retry-after"), "3");
  EXPECT_EQ(counted("refused_records"), 4U);
}

TEST_F(OtlpReceiver, PartialSuccessNamesCountAndReason) {
  const auto answer = call_http(make_request(Signal::kLogs, 5));
  next_.batches[0].resolve(Outcome::partial(2, "too old"));
  EXPECT_EQ((*answer)->status, 200);
  const auto response = data::decode_export_response((*answer)->body);
  EXPECT_EQ(response->rejected, 2U);
  EXPECT_EQ(response->message, "too old");
  EXPECT_EQ(counted("accepted_records"), 3U);
  EXPECT_EQ(counted("rejected_records"), 2U);
}

TEST_F(OtlpReceiver, BackendsFinalRefusalIsInternalNotTheClientsFault) {
  const auto grpc = call_grpc(make_request(Signal::kLogs, 5));
  next_.batches[0].resolve(Outcome::rejected_for_good(Code::kPermissionDenied, "no"));
  EXPECT_EQ((*grpc)->status.code, 13);
  const auto http = call_http(make_request(Signal::kLogs, 5));
  next_.batches[1].resolve(Outcome::rejected_for_good(Code::kPermissionDenied, "no"));
  EXPECT_EQ((*http)->status, 500);
}

TEST_F(OtlpReceiver, UnknownMethodAndUnroutedSignalAreUnimplemented) {
  EXPECT_EQ(grpc_->check_grpc(http_head("/some.Service/Call"))->code, 12);
  EXPECT_FALSE(grpc_->check_grpc(http_head(kGrpcLogs)));
  outputs_->set({&next_, &next_, nullptr});
  EXPECT_EQ(grpc_->check_grpc(http_head(kGrpcLogs))->code, 12);
  EXPECT_EQ(http_->check_http(http_head("/v1/logs"))->status, 404);
}

TEST_F(OtlpReceiver, RequestsOfALeavingListenerAreSentElsewhere) {
  outputs_->close();
  EXPECT_FALSE(grpc_->check_grpc(http_head(kGrpcLogs)));
  EXPECT_EQ((*call_grpc(make_request(Signal::kLogs, 1)))->status.code, 14);
  EXPECT_EQ((*call_http(make_request(Signal::kLogs, 1)))->status, 503);
}

TEST_F(OtlpReceiver, HttpPathsMethodsAndTypesAreChecked) {
  EXPECT_FALSE(http_->check_http(http_head("/v1/traces?x=1")));
  EXPECT_FALSE(http_->check_http(http_head("/v1/metrics", "Application/X-Protobuf; charset=utf-8")));
  EXPECT_EQ(http_->check_http(http_head("/v1/trace"))->status, 404);
  EXPECT_EQ(http_->check_http(http_head("/"))->status, 404);
  const auto get = http_->check_http(http_head("/v1/traces", "application/x-protobuf", "GET"));
  EXPECT_EQ(get->status, 405);
  EXPECT_EQ(transport::find_header(get->headers, "allow"), "POST");
  EXPECT_EQ(http_->check_http(http_head("/v1/traces", "text/plain"))->status, 415);
  EXPECT_EQ(http_->check_http(http_head("/v1/traces", ""))->status, 415);
}

TEST_F(OtlpReceiver, JsonIsRefusedInJsonWithAWordOnWhen) {
  const auto refusal = http_->check_http(http_head("/v1/traces", "application/json"));
  EXPECT_EQ(refusal->status, 415);
  EXPECT_EQ(transport::find_header(refusal->headers, "content-type"), "application/json");
  EXPECT_NE(refusal->body.find("later release"), std::string::npos);
}

TEST_F(OtlpReceiver, TransportsRefusalsHaveOtlpsStatuses) {
  const ServerRequest head = http_head("/v1/logs");
  const auto http = [&](Code code) { return http_->http_refusal(head, {code, "why"}); };
  EXPECT_EQ(http(Code::kResourceExhausted).status, 413);
  EXPECT_EQ(http(Code::kInvalidArgument).status, 400);
  EXPECT_EQ(http(Code::kUnimplemented).status, 415);
  EXPECT_EQ(transport::find_header(http(Code::kUnimplemented).headers, "accept-encoding"),
            "gzip, deflate, zstd, br");
  EXPECT_EQ(http(Code::kUnavailable).status, 503);
  EXPECT_EQ(transport::find_header(http(Code::kUnavailable).headers, "retry-after"), "1");
  const ServerRequest call = http_head(kGrpcLogs);
  EXPECT_EQ(grpc_->grpc_refusal(call, {Code::kResourceExhausted, "too large"}).code, 8);
  EXPECT_EQ(grpc_->grpc_refusal(call, {Code::kResourceExhausted, "too large"}).details, "");
  EXPECT_NE(grpc_->grpc_refusal(call, {Code::kUnavailable, "full"}).details, "");
}

}  // namespace
}  // namespace otlpipe::worker::receivers::otlp
