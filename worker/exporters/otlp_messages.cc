#include "worker/exporters/otlp_messages.h"

#include <string>

#include "opentelemetry/proto/collector/logs/v1/logs_service.pb.h"
#include "opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"

namespace otlpipe::worker::exporters {
namespace {

namespace collector = opentelemetry::proto::collector;

std::unique_ptr<google::protobuf::Message> empty_request(Signal signal) {
  switch (signal) {
    case Signal::kTraces:
      return std::make_unique<collector::trace::v1::ExportTraceServiceRequest>();
    case Signal::kMetrics:
      return std::make_unique<collector::metrics::v1::ExportMetricsServiceRequest>();
    case Signal::kLogs:
      break;
  }
  return std::make_unique<collector::logs::v1::ExportLogsServiceRequest>();
}

}  // namespace

Result<std::unique_ptr<google::protobuf::Message>> parse_otlp(const data::Batch& batch) {
  std::string bytes;
  bytes.reserve(batch.bytes());
  for (const Bytes& chunk : batch.chunks()) bytes.append(as_text(chunk.view()));
  auto message = empty_request(batch.signal());
  if (!message->ParseFromString(bytes)) {
    return fail(Code::kInvalidArgument, "a text in the data is not UTF-8");
  }
  return message;
}

}  // namespace otlpipe::worker::exporters
