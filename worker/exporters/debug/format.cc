#include "worker/exporters/debug/format.h"

#include <sstream>

#include "opentelemetry/proto/collector/logs/v1/logs_service.pb.h"
#include "opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"
#include "worker/exporters/otlp_json.h"
#include "worker/exporters/otlp_messages.h"

namespace otlpipe::worker::exporters::debug {
namespace {

namespace collector = opentelemetry::proto::collector;
namespace common = opentelemetry::proto::common::v1;
namespace metrics = opentelemetry::proto::metrics::v1;

std::string hex(const std::string& bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
    out.push_back(kDigits[static_cast<unsigned char>(c) & 15]);
  }
  return out;
}

// Data must not be able to write to the terminal what it likes, nor to look like several lines.
std::string printable(const std::string& text) {
  std::string out;
  for (const char c : text) out.push_back(static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c);
  return out;
}

void write_value(std::ostream& out, const common::AnyValue& value) {
  switch (value.value_case()) {
    case common::AnyValue::kStringValue:
      out << printable(value.string_value());
      break;
    case common::AnyValue::kBoolValue:
      out << (value.bool_value() ? "true" : "false");
      break;
    case common::AnyValue::kIntValue:
      out << value.int_value();
      break;
    case common::AnyValue::kDoubleValue:
      out << value.double_value();
      break;
    case common::AnyValue::kBytesValue:
      out << hex(value.bytes_value());
      break;
    case common::AnyValue::kArrayValue:
      out << "[" << value.array_value().values_size() << " values]";
      break;
    case common::AnyValue::kKvlistValue:
      out << "{" << value.kvlist_value().values_size() << " values}";
      break;
    default:
      break;
  }
}

template <typename Attributes>
void write_attributes(std::ostream& out, const Attributes& attributes) {
  for (const common::KeyValue& attribute : attributes) {
    out << " " << printable(attribute.key()) << "=";
    write_value(out, attribute.value());
  }
  out << "\n";
}

template <typename Points, typename Write>
void write_points(std::ostream& out, const metrics::Metric& metric, const Points& points, Write write) {
  for (const auto& point : points) {
    out << "metric " << printable(metric.name()) << " ";
    write(point);
    write_attributes(out, point.attributes());
  }
}

void write_metric(std::ostream& out, const metrics::Metric& metric) {
  const auto number = [&](const metrics::NumberDataPoint& point) {
    if (point.value_case() == metrics::NumberDataPoint::kAsInt) {
      out << point.as_int();
    } else {
      out << point.as_double();
    }
  };
  const auto distribution = [&](const auto& point) {
    out << "count=" << point.count() << " sum=" << point.sum();
  };
  write_points(out, metric, metric.gauge().data_points(), number);
  write_points(out, metric, metric.sum().data_points(), number);
  write_points(out, metric, metric.histogram().data_points(), distribution);
  write_points(out, metric, metric.exponential_histogram().data_points(), distribution);
  write_points(out, metric, metric.summary().data_points(), distribution);
}

void write(std::ostream& out, const collector::trace::v1::ExportTraceServiceRequest& request) {
  for (const auto& resource : request.resource_spans()) {
    for (const auto& scope : resource.scope_spans()) {
      for (const auto& span : scope.spans()) {
        out << "span " << printable(span.name()) << " " << hex(span.trace_id()) << " " << hex(span.span_id());
        write_attributes(out, span.attributes());
      }
    }
  }
}

void write(std::ostream& out, const collector::metrics::v1::ExportMetricsServiceRequest& request) {
  for (const auto& resource : request.resource_metrics()) {
    for (const auto& scope : resource.scope_metrics()) {
      for (const auto& metric : scope.metrics()) write_metric(out, metric);
    }
  }
}

void write(std::ostream& out, const collector::logs::v1::ExportLogsServiceRequest& request) {
  for (const auto& resource : request.resource_logs()) {
    for (const auto& scope : resource.scope_logs()) {
      for (const auto& record : scope.log_records()) {
        out << "log " << printable(record.severity_text()) << " ";
        write_value(out, record.body());
        write_attributes(out, record.attributes());
      }
    }
  }
}

template <typename Request>
std::string lines_of(const google::protobuf::Message& message) {
  std::ostringstream out;
  write(out, static_cast<const Request&>(message));
  return std::move(out).str();
}

}  // namespace

Result<std::string> format(const data::Batch& batch, Verbosity verbosity) {
  if (verbosity == Verbosity::kDetailed) {
    auto json = to_otlp_json(batch);
    if (json) json->push_back('\n');
    return json;
  }
  if (verbosity == Verbosity::kBasic) {
    return std::string(to_string(batch.signal())) + ": " + std::to_string(batch.records()) + " " +
           std::string(record_name(batch.signal())) + ", " + std::to_string(batch.bytes()) + " bytes\n";
  }
  const auto message = parse_otlp(batch);
  if (!message) return fail(message.error());
  switch (batch.signal()) {
    case Signal::kTraces:
      return lines_of<collector::trace::v1::ExportTraceServiceRequest>(**message);
    case Signal::kMetrics:
      return lines_of<collector::metrics::v1::ExportMetricsServiceRequest>(**message);
    case Signal::kLogs:
      break;
  }
  return lines_of<collector::logs::v1::ExportLogsServiceRequest>(**message);
}

}  // namespace otlpipe::worker::exporters::debug
