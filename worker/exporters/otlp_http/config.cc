#include "worker/exporters/otlp_http/config.h"

#include <algorithm>
#include <cctype>

#include "otlpipe/v1alpha1/exporters.pb.h"
#include "worker/exporters/queue_config.h"

namespace otlpipe::worker::exporters::otlp_http {
namespace {

transport::Compression read_compression(v1alpha1::Compression compression) {
  switch (compression) {
    case v1alpha1::COMPRESSION_NONE:
      return transport::Compression::kNone;
    case v1alpha1::COMPRESSION_ZSTD:
      return transport::Compression::kZstd;
    case v1alpha1::COMPRESSION_BROTLI:
      return transport::Compression::kBrotli;
    default:
      return transport::Compression::kGzip;
  }
}

Result<Address> read_endpoint(const std::string& text, const char* field) {
  auto address = parse_address(text, 0);
  if (!address) {
    address.error().where = field;
    return fail(std::move(address.error()));
  }
  if (address->tls) {
    return fail(Code::kUnimplemented, "TLS to a backend is not supported yet, it comes with a later release",
                field);
  }
  return address;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

Result<Config> read_config(const v1alpha1::OtlpHttpExporter& config) {
  Config result;
  if (config.has_endpoint()) {
    const auto base = read_endpoint(config.endpoint(), "otlpHttp.endpoint");
    if (!base) return fail(base.error());
    for (const Signal signal : kAllSignals) {
      Address address = *base;
      address.path += "/v1/" + std::string(to_string(signal));
      result.endpoints[static_cast<std::size_t>(signal)] = std::move(address);
    }
  }
  const auto full = [&](bool given, const std::string& text, Signal signal, const char* field) -> Status {
    if (!given) return {};
    auto address = read_endpoint(text, field);
    if (!address) return fail(std::move(address.error()));
    if (address->path.empty()) address->path = "/";
    result.endpoints[static_cast<std::size_t>(signal)] = std::move(*address);
    return {};
  };
  for (const Status& status :
       {full(config.has_traces_endpoint(), config.traces_endpoint(), Signal::kTraces,
             "otlpHttp.tracesEndpoint"),
        full(config.has_metrics_endpoint(), config.metrics_endpoint(), Signal::kMetrics,
             "otlpHttp.metricsEndpoint"),
        full(config.has_logs_endpoint(), config.logs_endpoint(), Signal::kLogs, "otlpHttp.logsEndpoint")}) {
    if (!status) return fail(status.error());
  }
  result.compression = read_compression(config.compression());
  result.timeout = read_millis(config.timeout());
  for (const auto& [name, value] : config.headers()) result.headers.emplace_back(lower(name), value);
  result.retry = read_retry(config.retry());
  result.queue = read_queue(config.queue());
  return result;
}

}  // namespace otlpipe::worker::exporters::otlp_http
