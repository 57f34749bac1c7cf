#include <algorithm>
#include <memory>

#include "tests/bench/hot/cases.h"
#include "tests/bench/wire/frames.h"
#include "tests/bench/wire/payload.h"
#include "worker/transport/http2_server.h"

namespace otlpipe::bench {
namespace {

using worker::Signal;
namespace compression = worker::compression;
namespace transport = worker::transport;

constexpr std::size_t kZippedRecords = 1'000;

// Takes everything and answers at once.
class Acknowledge final : public transport::ServerHandler {
 public:
  std::optional<transport::HttpResponse> check_http(const transport::ServerRequest&) override { return {}; }
  std::optional<transport::GrpcStatus> check_grpc(const transport::ServerRequest&) override { return {}; }
  void on_http(transport::ServerRequest, transport::HttpResponder respond) override { respond({}); }
  void on_grpc(transport::ServerRequest request, transport::GrpcResponder respond) override {
    bytes += request.body.size();
    respond({}, {});
  }
  transport::HttpResponse http_refusal(const transport::ServerRequest&, const Error&) override {
    return {500, {}, {}};
  }
  transport::GrpcStatus grpc_refusal(const transport::ServerRequest&, const Error& error) override {
    return {13, error.message, {}};
  }
  std::size_t bytes = 0;
};

class Silent final : public transport::Carrier {
 public:
  void wake() override {}
};

// A server session without a socket.
class Session {
 public:
  Session() {
    context_->handler = handler_;
    context_->decompressor = compression::make_decompressor();
    context_->clock = &clock_;
    protocol_ = transport::make_http2_server_session(context_, carrier_, "peer:1", MonotonicTime{});
    say(std::string(kClientPreface) + make_settings({}) + make_frame(FrameType::kSettings, kFlagAck, 0));
  }
  // In pieces as a socket gives them, each followed by whatever there is to say.
  void say(std::string_view bytes) {
    constexpr std::size_t kPiece = 64 * 1024;
    for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
      protocol_->receive(as_bytes(bytes.substr(at, kPiece)));
      transport::OutputQueue out;
      protocol_->produce(out);
      said_ += out.size();
    }
  }
  std::size_t bytes_taken() const { return handler_->bytes; }

 private:
  std::shared_ptr<transport::ServerContext> context_ = std::make_shared<transport::ServerContext>();
  std::shared_ptr<Acknowledge> handler_ = std::make_shared<Acknowledge>();
  SystemClock clock_;
  Silent carrier_;
  std::unique_ptr<transport::Protocol> protocol_;
  std::size_t said_ = 0;
};

// The bytes of `count` unary calls on the streams from `stream` on.
std::string calls(std::uint32_t stream, std::size_t count, const std::string& message) {
  const std::string head =
      make_header_block({{":method", "POST"},
                         {":scheme", "http"},
                         {":path", "/opentelemetry.proto.collector.trace.v1.TraceService/Export"},
                         {":authority", "127.0.0.1:4317"},
                         {"content-type", "application/grpc"},
                         {"te", "trailers"}});
  std::string out;
  for (std::size_t i = 0; i < count; ++i, stream += 2) {
    out += make_frame(FrameType::kHeaders, kFlagEndHeaders, stream, head);
    for (std::size_t at = 0; at < message.size(); at += kDefaultMaxFrame) {
      const std::string_view piece = std::string_view(message).substr(at, kDefaultMaxFrame);
      const bool last = at + piece.size() == message.size();
      out += make_frame(FrameType::kData, last ? kFlagEndStream : std::uint8_t{0}, stream, piece);
    }
  }
  return out;
}

HotCaseMaker http2_case(const std::string& name, std::size_t records, std::size_t count) {
  return {name, [=] {
            const auto session = std::make_shared<Session>();
            const std::string message = make_grpc_message(make_payload(Signal::kTraces, records, 1), false);
            // One set of bytes a run, since a stream's number comes once: the warm-up's and the measured
            // run's.
            auto runs = std::make_shared<std::vector<std::string>>();
            for (std::uint32_t stream = 1; runs->size() < 2;
                 stream += 2 * static_cast<std::uint32_t>(count)) {
              runs->push_back(calls(stream, count, message));
            }
            return HotCase{
                name, records * count, [=, next = std::size_t{0}]() mutable {
                  const std::size_t before = session->bytes_taken();
                  session->say(runs->at(next++));
                  require(session->bytes_taken() - before == count * (message.size() - kGrpcPrefixLength));
                }};
          }};
}

HotCase gzip_case() {
  const std::shared_ptr<compression::Compressor> compressor = compression::make_compressor();
  const std::vector<Bytes> parts{Bytes::from(make_payload(Signal::kTraces, kZippedRecords, 1))};
  return {"gzip_spans", kZippedRecords, [compressor, parts] {
            require(compressor->compress(compression::Compression::kGzip, parts).has_value());
          }};
}

HotCase inflate_case() {
  constexpr std::size_t kLimit = 64u << 20;
  const std::shared_ptr<compression::Decompressor> decompressor = compression::make_decompressor();
  const std::vector<Bytes> parts{Bytes::from(make_payload(Signal::kTraces, kZippedRecords, 1))};
  const auto packed = compression::make_compressor()->compress(compression::Compression::kGzip, parts);
  require(packed.has_value());
  return {"inflate_spans", kZippedRecords, [decompressor, packed = *packed, size = parts[0].size()] {
            const auto out =
                decompressor->decompress(compression::Compression::kGzip, packed.view(), kLimit, {});
            require(out && out->content.size() == size);
          }};
}

}  // namespace

std::vector<HotCaseMaker> transport_cases() {
  return {http2_case("http2_1000_spans", 1'000, 1),
          http2_case("http2_8_spans", 8, 64),
          {"gzip_spans", gzip_case},
          {"inflate_spans", inflate_case}};
}

}  // namespace otlpipe::bench
