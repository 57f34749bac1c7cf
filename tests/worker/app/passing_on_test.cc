// A compressed request on its way through a whole worker: what goes out is, byte for byte, what came in.

#include <string>

#include <gtest/gtest.h>
#include <zlib.h>

#include "tests/support/worker/otlp_data.h"
#include "tests/worker/app/harness.h"
#include "tests/worker/transport/harness.h"

namespace otlpipe::worker::app {
namespace {

using testing::config_json;
using testing::RunningWorker;
using transport::ClientRequest;
using transport::Compression;
using transport::ServerRequest;

// A gzip member that no encoder of ours makes.
std::string gzip_by_zlib(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// The backend is a server of the transport, which tells how a body came.
class PassingOn : public transport::TransportTest, public ::testing::WithParamInterface<bool> {
 protected:
  PassingOn() {
    handler_->grpc = [this](const ServerRequest& got, const transport::GrpcResponder& respond) {
      take(got);
      respond({}, {});
    };
    handler_->http = [this](const ServerRequest& got, const transport::HttpResponder& respond) {
      take(got);
      respond({});
    };
  }
  void take(const ServerRequest& got) {
    content_ = as_text(got.body.view());
    packed_ = as_text(got.packed.body.bytes.view());
  }

  bool grpc() const { return GetParam(); }
  // Sends `packed` through a worker whose pipeline has `processors`.
  void send(const std::string& packed, const std::string& processors) {
    const auto backend = grpc() ? listen_grpc() : listen_http();
    RunningWorker worker;
    ASSERT_TRUE(worker
                    .apply(config_json({.backend_port = backend->port(),
                                        .compression = "gzip",
                                        .processors = processors,
                                        .to_http = !grpc()}))
                    .ok());
    transport::ClientOptions options;
    options.host = "127.0.0.1";
    options.port = static_cast<std::uint16_t>(worker.port(grpc() ? "grpc" : "http"));
    options.grpc = grpc();
    const auto client = core_->connect(options);
    ClientRequest request;
    request.path = grpc() ? "/opentelemetry.proto.collector.logs.v1.LogsService/Export" : "/v1/logs";
    if (!grpc()) request.headers = {{"content-type", "application/x-protobuf"}};
    request.body = {Bytes::from(packed)};
    request.compression = Compression::kGzip;
    request.compressed = true;
    const auto answer = exchange(*client, std::move(request));
    ASSERT_TRUE(answer) << answer.error().to_string();
    EXPECT_EQ(answer->grpc.code, 0) << answer->grpc.message;
    EXPECT_EQ(answer->http_status, 200);
  }

  const std::string logs_ = testing::make_request(Signal::kLogs, 100);
  std::string content_;
  std::string packed_;
};

TEST_P(PassingOn, CompressedRequestGoesOutAsItCame) {
  const std::string packed = gzip_by_zlib(logs_);
  send(packed, "[]");
  EXPECT_TRUE(content_ == logs_);
  EXPECT_TRUE(packed_ == packed);
}

TEST_P(PassingOn, BehindAProcessorItIsCompressedAnew) {
  const std::string packed = gzip_by_zlib(logs_);
  send(packed, R"(["batch"])");
  EXPECT_TRUE(content_ == logs_);
  EXPECT_FALSE(packed_.empty());
  EXPECT_FALSE(packed_ == packed);
}

TEST_P(PassingOn, TwoMembersBecomeOne) {
  const std::string half = testing::make_request(Signal::kLogs, 50);
  const std::string packed = gzip_by_zlib(half) + gzip_by_zlib(half);
  send(packed, "[]");
  EXPECT_TRUE(content_ == half + half);
  EXPECT_FALSE(packed_.empty());
  EXPECT_FALSE(packed_ == packed);
}

INSTANTIATE_TEST_SUITE_P(Protocols, PassingOn, ::testing::Values(true, false),
                         [](const auto& param) { return std::string(param.param ? "grpc" : "http"); });

}  // namespace
}  // namespace otlpipe::worker::app
