#include "tests/bench/wire/ammunition.h"

#include <utility>
#include <vector>

#include "tests/bench/wire/frames.h"
#include "tests/bench/wire/payload.h"

namespace otlpipe::bench {
namespace {

using worker::compression::Compression;

std::string_view service_path(worker::Signal signal) {
  switch (signal) {
    case worker::Signal::kTraces:
      return "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    case worker::Signal::kMetrics:
      return "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
    case worker::Signal::kLogs:
      break;
  }
  return "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
}

std::string authority(const BlastOptions& options) {
  return options.host + ":" + std::to_string(options.port);
}

std::string grpc_head(const BlastOptions& options) {
  std::vector<std::pair<std::string, std::string>> headers{
      {":method", "POST"},
      {":scheme", "http"},
      {":path", std::string(service_path(options.signal))},
      {":authority", authority(options)},
      {"content-type", "application/grpc"},
      {"user-agent", "otlp_blast"},
      {"te", "trailers"},
  };
  if (options.compression != Compression::kNone) {
    headers.emplace_back("grpc-encoding", worker::compression::to_string(options.compression));
  }
  return make_header_block(headers);
}

std::string http_request(const BlastOptions& options, std::string_view body) {
  std::string out = "POST /v1/" + std::string(worker::to_string(options.signal)) +
                    " HTTP/1.1\r\nhost: " + authority(options) +
                    "\r\ncontent-type: application/x-protobuf\r\nuser-agent: otlp_blast\r\n";
  if (options.compression != Compression::kNone) {
    out += "content-encoding: " + std::string(worker::compression::to_string(options.compression)) + "\r\n";
  }
  return out + "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace

Result<Prepared> prepare(const BlastOptions& options) {
  const auto compressor = worker::compression::make_compressor();
  Prepared out;
  if (options.grpc) out.ammunition.head = grpc_head(options);
  const auto count = static_cast<double>(options.plan.bodies);
  for (std::size_t i = 0; i < options.plan.bodies; ++i) {
    const std::vector<Bytes> payload{
        Bytes::from(make_payload(options.signal, options.records, options.seed + i))};
    const auto packed = compressor->compress(options.compression, payload);
    if (!packed) return fail(packed.error());
    const std::string_view body = as_text(packed->view());
    out.payload_bytes += static_cast<double>(payload[0].size()) / count;
    out.wire_bytes += static_cast<double>(body.size()) / count;
    out.ammunition.bodies.push_back(options.grpc
                                        ? make_grpc_message(body, options.compression != Compression::kNone)
                                        : http_request(options, body));
  }
  return out;
}

}  // namespace otlpipe::bench
