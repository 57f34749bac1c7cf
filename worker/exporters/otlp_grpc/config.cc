#include "worker/exporters/otlp_grpc/config.h"

#include "otlpipe/v1alpha1/exporters.pb.h"
#include "worker/exporters/queue_config.h"

namespace otlpipe::worker::exporters::otlp_grpc {
namespace {

constexpr std::uint16_t kDefaultPort = 4317;

transport::Compression read_compression(v1alpha1::Compression compression) {
  switch (compression) {
    case v1alpha1::COMPRESSION_NONE:
      return transport::Compression::kNone;
    case v1alpha1::COMPRESSION_ZSTD:
      return transport::Compression::kZstd;
    default:
      return transport::Compression::kGzip;
  }
}

}  // namespace

Result<Config> read_config(const v1alpha1::OtlpGrpcExporter& config) {
  Config result;
  auto endpoint = parse_address(config.endpoint(), kDefaultPort);
  if (!endpoint) {
    endpoint.error().where = "otlpGrpc.endpoint";
    return fail(std::move(endpoint.error()));
  }
  result.endpoint = std::move(*endpoint);
  if (result.endpoint.tls) {
    return fail(Code::kUnimplemented, "TLS to a backend is not supported yet, it comes with a later release",
                "otlpGrpc.endpoint");
  }
  result.compression = read_compression(config.compression());
  result.timeout = read_millis(config.timeout());
  for (const auto& [name, value] : config.headers()) result.headers.emplace_back(name, value);
  result.retry = read_retry(config.retry());
  result.queue = read_queue(config.queue());
  return result;
}

}  // namespace otlpipe::worker::exporters::otlp_grpc
