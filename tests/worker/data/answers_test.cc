#include <string>

#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"
#include "worker/data/export_response.h"
#include "worker/data/rpc_status.h"

namespace otlpipe::worker::data {
namespace {

using std::chrono::milliseconds;

TEST(RpcStatus, ProtobufReadsWhatWeWrite) {
  google::rpc::Status status;
  ASSERT_TRUE(status.ParseFromString(encode_protobuf(RpcStatus{14, "later", milliseconds(1500)})));
  EXPECT_EQ(status.code(), 14);
  EXPECT_EQ(status.message(), "later");
  google::rpc::RetryInfo info;
  ASSERT_TRUE(status.details(0).UnpackTo(&info));
  EXPECT_EQ(info.retry_delay().seconds(), 1);
  EXPECT_EQ(info.retry_delay().nanos(), 500'000'000);
}

TEST(RpcStatus, WeReadWhatProtobufWrites) {
  google::rpc::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(3);
  google::rpc::Status status;
  status.set_code(8);
  status.set_message("quota");
  status.add_details()->set_type_url("type.googleapis.com/google.rpc.Other");
  status.add_details()->PackFrom(info);
  const auto read = decode_rpc_status(status.SerializeAsString());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->code, 8);
  EXPECT_EQ(read->message, "quota");
  EXPECT_EQ(read->retry_delay, milliseconds(3000));
}

TEST(RpcStatus, SillyDelaysAreBounded) {
  google::rpc::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(std::numeric_limits<std::int64_t>::max());
  google::rpc::Status status;
  status.add_details()->PackFrom(info);
  EXPECT_EQ(decode_rpc_status(status.SerializeAsString())->retry_delay, milliseconds(24 * 3600 * 1000));
  info.mutable_retry_delay()->set_seconds(-5);
  status.mutable_details(0)->PackFrom(info);
  EXPECT_EQ(decode_rpc_status(status.SerializeAsString())->retry_delay, milliseconds(0));
}

TEST(RpcStatus, GarbageIsNoStatus) {
  EXPECT_FALSE(decode_rpc_status("\xff\xff\xff garbage"));
}

TEST(RpcStatus, JsonIsEscapedAndNamesTheDelay) {
  EXPECT_EQ(
      encode_json(RpcStatus{14, "a \"b\"\n", milliseconds(1500)}),
      R"({"code":14,"message":"a \"b\"\u000a","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo",)"
      R"("retryDelay":"1.500s"}]})");
}

TEST(ExportResponse, FullSuccessIsTheEmptyMessage) {
  EXPECT_EQ(encode_protobuf(ExportResponse{}), "");
}

TEST(ExportResponse, PartialSuccessIsWhatProtobufReadsAndWrites) {
  opentelemetry::proto::collector::trace::v1::ExportTraceServiceResponse response;
  ASSERT_TRUE(response.ParseFromString(encode_protobuf(ExportResponse{7, "too old"})));
  EXPECT_EQ(response.partial_success().rejected_spans(), 7);
  EXPECT_EQ(response.partial_success().error_message(), "too old");
  const auto read = decode_export_response(response.SerializeAsString());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->rejected, 7U);
  EXPECT_EQ(read->message, "too old");
}

TEST(ExportResponse, NegativeCountIsNone) {
  opentelemetry::proto::collector::trace::v1::ExportTraceServiceResponse response;
  response.mutable_partial_success()->set_rejected_spans(-1);
  EXPECT_EQ(decode_export_response(response.SerializeAsString())->rejected, 0U);
}

TEST(ExportResponse, GarbageIsNoResponse) {
  EXPECT_FALSE(decode_export_response("\x0a\x7f"));
}

}  // namespace
}  // namespace otlpipe::worker::data
