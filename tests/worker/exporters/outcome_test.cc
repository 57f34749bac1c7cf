// How answers of OTLP servers are read.

#include "worker/exporters/otlp_grpc/outcome.h"

#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "worker/data/export_response.h"
#include "worker/exporters/otlp_http/outcome.h"

namespace otlpipe::worker::exporters {
namespace {

using queue::SendResult;
using std::chrono::milliseconds;
using Kind = SendResult::Kind;

std::string retry_info(int seconds) {
  google::rpc::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(seconds);
  google::rpc::Status status;
  status.add_details()->PackFrom(info);
  return status.SerializeAsString();
}

SendResult grpc(int code, std::string message = "", std::string details = "", std::string body = "") {
  transport::ClientResponse response;
  response.http_status = 200;
  response.grpc = {code, std::move(message), std::move(details)};
  response.body = std::move(body);
  return otlp_grpc::interpret(response);
}

TEST(GrpcOutcome, CodesMeanWhatOtlpSays) {
  for (const int retryable : {1, 4, 10, 11, 14, 15})
    EXPECT_EQ(grpc(retryable).kind, Kind::kRetry) << retryable;
  for (const int final : {2, 5, 6, 7, 9, 12, 13, 16}) EXPECT_EQ(grpc(final).kind, Kind::kRejected) << final;
  EXPECT_EQ(grpc(0).kind, Kind::kDelivered);
  EXPECT_EQ(grpc(3).kind, Kind::kBadData);
}

TEST(GrpcOutcome, ResourceExhaustedIsRetriedOnlyWithRetryInfo) {
  EXPECT_EQ(grpc(8, "quota").kind, Kind::kRejected);
  const SendResult throttled = grpc(8, "quota", retry_info(4));
  EXPECT_EQ(throttled.kind, Kind::kRetry);
  EXPECT_EQ(throttled.delay, milliseconds(4000));
}

TEST(GrpcOutcome, MessagesAboutTheSizeOfSeveralLibrariesAreUnderstood) {
  for (const char* const message : {"grpc: received message larger than max (5000 vs. 4000)",
                                    "gRPC message exceeds maximum size 4194304: 5242880",
                                    "Received message larger than max (5000 vs. 4000)"}) {
    EXPECT_EQ(grpc(8, message).kind, Kind::kTooLarge) << message;
  }
  EXPECT_EQ(grpc(11, "Error, decoded message length too large: found 5 bytes").kind, Kind::kTooLarge);
}

TEST(GrpcOutcome, DelayOfUnavailableIsRead) {
  EXPECT_EQ(grpc(14, "", retry_info(2)).delay, milliseconds(2000));
}

TEST(GrpcOutcome, PartialSuccessIsDeliveredWithACount) {
  const SendResult result = grpc(0, "", "", data::encode_protobuf(data::ExportResponse{3, "old"}));
  EXPECT_EQ(result.kind, Kind::kDelivered);
  EXPECT_EQ(result.rejected, 3U);
  EXPECT_EQ(result.message, "old");
}

TEST(GrpcOutcome, NoAnswerIsRetried) {
  EXPECT_EQ(otlp_grpc::interpret(fail(Code::kUnavailable, "refused")).kind, Kind::kRetry);
  EXPECT_EQ(otlp_grpc::interpret(fail(Code::kDeadlineExceeded, "slow")).kind, Kind::kRetry);
}

TEST(GrpcOutcome, AnswerOfAProxyThatKnowsNoGrpcIsReadByItsHttpStatus) {
  transport::ClientResponse response;
  response.http_status = 503;
  EXPECT_EQ(otlp_grpc::interpret(response).kind, Kind::kRetry);
  response.http_status = 413;
  EXPECT_EQ(otlp_grpc::interpret(response).kind, Kind::kTooLarge);
  response.grpc.code = 2;  // what the transport makes of it
  EXPECT_EQ(otlp_grpc::interpret(response).kind, Kind::kTooLarge);
  response.grpc.code = 0;
  response.http_status = 404;
  EXPECT_EQ(otlp_grpc::interpret(response).kind, Kind::kRejected);
}

const WallTime kNow{std::chrono::seconds(784'111'777)};  // Sun, 06 Nov 1994 08:49:37 GMT

SendResult http(int status, transport::Headers headers = {}, std::string body = "") {
  transport::ClientResponse response;
  response.http_status = status;
  response.headers = std::move(headers);
  response.body = std::move(body);
  return otlp_http::interpret(response, kNow);
}

TEST(HttpOutcome, StatusesMeanWhatOtlpSays) {
  for (const int retryable : {429, 502, 503, 504}) EXPECT_EQ(http(retryable).kind, Kind::kRetry) << retryable;
  for (const int final : {401, 403, 404, 405, 415, 500, 501, 505})
    EXPECT_EQ(http(final).kind, Kind::kRejected) << final;
  for (const int good : {200, 202, 204}) EXPECT_EQ(http(good).kind, Kind::kDelivered) << good;
  EXPECT_EQ(http(400).kind, Kind::kBadData);
  EXPECT_EQ(http(413).kind, Kind::kTooLarge);
  EXPECT_EQ(otlp_http::interpret(fail(Code::kUnavailable, "reset"), kNow).kind, Kind::kRetry);
}

TEST(HttpOutcome, RetryAfterIsSecondsOrADate) {
  EXPECT_EQ(http(503, {{"retry-after", "7"}}).delay, milliseconds(7000));
  EXPECT_EQ(http(429, {{"retry-after", "Sun, 06 Nov 1994 08:50:07 GMT"}}).delay, milliseconds(30'000));
  EXPECT_EQ(http(503, {{"retry-after", "Sun, 06 Nov 1994 08:49:00 GMT"}}).delay, milliseconds(0));
  EXPECT_EQ(http(503, {{"retry-after", "soon"}}).delay, std::nullopt);
  EXPECT_EQ(http(503).delay, std::nullopt);
  EXPECT_EQ(http(503, {{"retry-after", "99999999999"}}).delay, milliseconds(24 * 3600 * 1000));
  EXPECT_EQ(http(503, {{"retry-after", "-5"}}).delay, milliseconds(0));
}

TEST(HttpOutcome, PartialSuccessIsReadFromProtobufOnly) {
  const std::string body = data::encode_protobuf(data::ExportResponse{3, "old"});
  EXPECT_EQ(http(200, {{"content-type", "application/x-protobuf"}}, body).rejected, 3U);
  EXPECT_EQ(http(200, {{"content-type", "text/html"}}, body).rejected, 0U);
}

TEST(HttpOutcome, MessageSaysWhatTheServerSaid) {
  google::rpc::Status status;
  status.set_message("bad span");
  EXPECT_EQ(http(400, {{"content-type", "application/x-protobuf"}}, status.SerializeAsString()).message,
            "HTTP status 400: bad span");
  EXPECT_EQ(http(404, {}, "not found").message, "HTTP status 404: not found");
  EXPECT_LT(http(404, {}, std::string(100'000, 'x')).message.size(), 1000U);
}

}  // namespace
}  // namespace otlpipe::worker::exporters
