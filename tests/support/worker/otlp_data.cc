#include "tests/support/worker/otlp_data.h"

#include <functional>
#include <memory>

#include <google/protobuf/stubs/logging.h>

#include "opentelemetry/proto/collector/logs/v1/logs_service.pb.h"
#include "opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"

namespace otlpipe::testing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using opentelemetry::proto::collector::logs::v1::ExportLogsServiceRequest;
using opentelemetry::proto::collector::metrics::v1::ExportMetricsServiceRequest;
using opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest;
using opentelemetry::proto::common::v1::KeyValue;
using worker::Signal;

std::unique_ptr<Message> empty_request(Signal signal) {
  if (signal == Signal::kTraces) return std::make_unique<ExportTraceServiceRequest>();
  if (signal == Signal::kMetrics) return std::make_unique<ExportMetricsServiceRequest>();
  return std::make_unique<ExportLogsServiceRequest>();
}

// ---- Random messages ----

class Filler {
 public:
  explicit Filler(std::mt19937& random) : random_(random) {}

  void fill(Message& message, int depth) {
    const auto* const descriptor = message.GetDescriptor();
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const FieldDescriptor& field = *descriptor->field(i);
      const bool message_field = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
      if ((message_field && depth <= 0) || below(3) == 0) continue;
      // Wide at the top, where the records are; narrow below, so that requests stay small.
      const int count = field.is_repeated() ? below(depth > 5 ? 4 : 3) : 1;
      for (int k = 0; k < count; ++k) set(message, field, depth);
    }
    if (below(4) == 0) add_unknown(message);
  }

 private:
  int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

  std::string text() {
    std::string value(static_cast<std::size_t>(below(below(10) == 0 ? 300 : 12)), 'a');
    for (char& c : value) c = static_cast<char>('a' + below(26));
    return value;
  }

  void set(Message& m, const FieldDescriptor& f, int depth) {
    const auto& r = *m.GetReflection();
    const bool many = f.is_repeated();
    const std::uint64_t bits = random_() >> below(32);
    switch (f.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return many ? r.AddInt32(&m, &f, static_cast<int>(bits)) : r.SetInt32(&m, &f, static_cast<int>(bits));
      case FieldDescriptor::CPPTYPE_UINT32:
        return many ? r.AddUInt32(&m, &f, static_cast<std::uint32_t>(bits))
                    : r.SetUInt32(&m, &f, static_cast<std::uint32_t>(bits));
      case FieldDescriptor::CPPTYPE_INT64:
        return many ? r.AddInt64(&m, &f, -static_cast<std::int64_t>(bits))
                    : r.SetInt64(&m, &f, -static_cast<std::int64_t>(bits));
      case FieldDescriptor::CPPTYPE_UINT64:
        return many ? r.AddUInt64(&m, &f, bits << below(32)) : r.SetUInt64(&m, &f, bits << below(32));
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return many ? r.AddDouble(&m, &f, static_cast<double>(bits))
                    : r.SetDouble(&m, &f, static_cast<double>(bits));
      case FieldDescriptor::CPPTYPE_FLOAT:
        return r.SetFloat(&m, &f, 1.5F);
      case FieldDescriptor::CPPTYPE_BOOL:
        return r.SetBool(&m, &f, below(2) == 0);
      case FieldDescriptor::CPPTYPE_ENUM:
        return r.SetEnumValue(&m, &f, below(4));
      case FieldDescriptor::CPPTYPE_STRING:
        return many ? r.AddString(&m, &f, text()) : r.SetString(&m, &f, text());
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return fill(many ? *r.AddMessage(&m, &f) : *r.MutableMessage(&m, &f), depth - 1);
    }
  }

  void add_unknown(Message& message) {
    auto& unknown = *message.GetReflection()->MutableUnknownFields(&message);
    unknown.AddVarint(30, random_());
    unknown.AddFixed32(31, 7);
    unknown.AddLengthDelimited(1000, text());
    auto& group = *unknown.AddGroup(2000);
    group.AddFixed64(1, 9);
    group.AddGroup(2)->AddVarint(3, 4);
  }

  std::mt19937& random_;
};

// ---- Fixed messages ----

void set_attribute(KeyValue& attribute, const std::string& key, const std::string& value) {
  attribute.set_key(key);
  attribute.mutable_value()->set_string_value(value);
}

template <typename Resource>
void describe(Resource& resource, int number) {
  set_attribute(*resource.mutable_resource()->add_attributes(), "service.name",
                "service-" + std::to_string(number));
  resource.set_schema_url("https://example.org/schema");
}

template <typename Scope>
void describe_scope(Scope& scope, int number) {
  scope.mutable_scope()->set_name("library-" + std::to_string(number));
  scope.set_schema_url("https://example.org/scope");
}

std::string traces(std::size_t records, const std::string& prefix) {
  ExportTraceServiceRequest request;
  for (std::size_t i = 0; i < records;) {
    auto& resource = *request.add_resource_spans();
    describe(resource, request.resource_spans_size());
    for (int s = 0; s < 2 && i < records; ++s) {
      auto& scope = *resource.add_scope_spans();
      describe_scope(scope, s);
      for (int k = 0; k < 7 && i < records; ++k, ++i) {
        auto& span = *scope.add_spans();
        span.set_name(prefix + std::to_string(i));
        span.set_trace_id("0123456789abcdef");
        span.set_span_id("01234567");
        span.set_start_time_unix_nano(1'700'000'000'000'000'000ULL + i);
        set_attribute(*span.add_attributes(), "http.route", "/orders/{id}");
      }
    }
  }
  return request.SerializeAsString();
}

std::string logs(std::size_t records, const std::string& prefix) {
  ExportLogsServiceRequest request;
  for (std::size_t i = 0; i < records;) {
    auto& resource = *request.add_resource_logs();
    describe(resource, request.resource_logs_size());
    auto& scope = *resource.add_scope_logs();
    describe_scope(scope, 0);
    for (int k = 0; k < 9 && i < records; ++k, ++i) {
      auto& record = *scope.add_log_records();
      record.mutable_body()->set_string_value(prefix + std::to_string(i));
      record.set_severity_text("INFO");
    }
  }
  return request.SerializeAsString();
}

// Each metric has up to three points, of a gauge or a sum by turns; the name of a point is that of its
// metric.
std::string metrics(std::size_t records, const std::string& prefix) {
  ExportMetricsServiceRequest request;
  for (std::size_t i = 0; i < records;) {
    auto& resource = *request.add_resource_metrics();
    describe(resource, request.resource_metrics_size());
    auto& scope = *resource.add_scope_metrics();
    describe_scope(scope, 0);
    for (int k = 0; k < 4 && i < records; ++k) {
      auto& metric = *scope.add_metrics();
      metric.set_name(prefix + std::to_string(i));
      metric.set_unit("1");
      auto& points = k % 2 == 0 ? *metric.mutable_gauge()->mutable_data_points()
                                : *metric.mutable_sum()->mutable_data_points();
      if (k % 2 == 1) metric.mutable_sum()->set_is_monotonic(true);
      for (int p = 0; p < 3 && i < records; ++p, ++i) points.Add()->set_as_int(static_cast<std::int64_t>(i));
    }
  }
  return request.SerializeAsString();
}

// ---- Reading ----

// Calls `visit(path)` for every record, `path` being the messages from the resource down to the record.
void walk(const Message& message, const std::vector<const char*>& fields, std::vector<const Message*>& path,
          const std::function<void(const std::vector<const Message*>&)>& visit) {
  if (path.size() == fields.size()) return visit(path);
  const auto* const field = message.GetDescriptor()->FindFieldByName(fields[path.size()]);
  const auto& reflection = *message.GetReflection();
  for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
    const Message& child = reflection.GetRepeatedMessage(message, field, i);
    path.push_back(&child);
    walk(child, fields, path, visit);
    path.pop_back();
  }
}

std::vector<const char*> path_to_records(Signal signal) {
  if (signal == Signal::kTraces) return {"resource_spans", "scope_spans", "spans"};
  if (signal == Signal::kLogs) return {"resource_logs", "scope_logs", "log_records"};
  return {"resource_metrics", "scope_metrics", "metrics"};
}

// A copy of the message without the named repeated field.
std::string without(const Message& message, const char* field) {
  std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  copy->GetReflection()->ClearField(copy.get(), copy->GetDescriptor()->FindFieldByName(field));
  return copy->DebugString();
}

// The points of a metric, each with what surrounds it in the metric; other records as they are.
std::vector<std::string> leaves(Signal signal, const Message& record) {
  if (signal != Signal::kMetrics) return {record.DebugString()};
  std::vector<std::string> result;
  std::unique_ptr<Message> shell(record.New());
  shell->CopyFrom(record);
  for (const char* const kind : {"gauge", "sum", "histogram", "exponential_histogram", "summary"}) {
    const auto* const field = record.GetDescriptor()->FindFieldByName(kind);
    if (!record.GetReflection()->HasField(record, field)) continue;
    const Message& data = record.GetReflection()->GetMessage(record, field);
    const auto* const points = data.GetDescriptor()->FindFieldByName("data_points");
    const std::string around = without(data, "data_points");
    shell->GetReflection()->ClearField(shell.get(), field);
    for (int i = 0; i < data.GetReflection()->FieldSize(data, points); ++i) {
      result.push_back(shell->DebugString() + kind + around +
                       data.GetReflection()->GetRepeatedMessage(data, points, i).DebugString());
    }
  }
  return result;
}

}  // namespace

std::string make_request(Signal signal, std::size_t records, const std::string& prefix) {
  if (signal == Signal::kTraces) return traces(records, prefix);
  if (signal == Signal::kMetrics) return metrics(records, prefix);
  return logs(records, prefix);
}

std::string make_random_request(Signal signal, std::mt19937& random) {
  const auto request = empty_request(signal);
  Filler(random).fill(*request, 9);
  return request->SerializeAsString();
}

bool protobuf_accepts(Signal signal, const std::string& request) {
  static thread_local bool not_utf8 = false;
  not_utf8 = false;
  auto* const before = google::protobuf::SetLogHandler(
      [](google::protobuf::LogLevel, const char*, int, const std::string& message) {
        if (message.find("invalid UTF-8") != std::string::npos) not_utf8 = true;
      });
  const bool parsed = empty_request(signal)->ParseFromString(request);
  google::protobuf::SetLogHandler(before);
  return parsed || not_utf8;
}

std::vector<std::string> record_names(Signal signal, const std::string& request) {
  const auto message = empty_request(signal);
  if (!message->ParseFromString(request)) return {"<not a request>"};
  std::vector<std::string> names;
  std::vector<const Message*> path;
  walk(*message, path_to_records(signal), path, [&](const std::vector<const Message*>& nodes) {
    if (signal == Signal::kTraces) {
      names.push_back(static_cast<const opentelemetry::proto::trace::v1::Span&>(*nodes.back()).name());
    } else if (signal == Signal::kLogs) {
      const auto& record = static_cast<const opentelemetry::proto::logs::v1::LogRecord&>(*nodes.back());
      names.push_back(record.body().string_value());
    } else {
      const auto& metric = static_cast<const opentelemetry::proto::metrics::v1::Metric&>(*nodes.back());
      for (std::size_t i = leaves(signal, metric).size(); i > 0; --i) names.push_back(metric.name());
    }
  });
  return names;
}

std::vector<std::string> records_with_context(Signal signal, const std::string& request) {
  const auto message = empty_request(signal);
  if (!message->ParseFromString(request)) return {"<not a request>"};
  const auto fields = path_to_records(signal);
  std::vector<std::string> result;
  std::vector<const Message*> path;
  walk(*message, fields, path, [&](const std::vector<const Message*>& nodes) {
    const std::string around = without(*nodes[0], fields[1]) + without(*nodes[1], fields[2]);
    for (const std::string& leaf : leaves(signal, *nodes[2])) result.push_back(around + leaf);
  });
  return result;
}

std::string bytes_of(const worker::data::Batch& batch) {
  std::string bytes;
  for (const Bytes& chunk : batch.chunks()) bytes.append(as_text(chunk.view()));
  return bytes;
}

}  // namespace otlpipe::testing
