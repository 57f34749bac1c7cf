#include "tests/bench/wire/payload.h"

#include "opentelemetry/proto/collector/logs/v1/logs_service.pb.h"
#include "opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"
#include "tests/bench/wire/vocabulary.h"

namespace otlpipe::bench {
namespace {

namespace collector = opentelemetry::proto::collector;
namespace metrics = opentelemetry::proto::metrics::v1;
using opentelemetry::proto::logs::v1::LogRecord;
using opentelemetry::proto::trace::v1::Span;

constexpr std::size_t kScopesEach = 2;

void fill_span(Span& span, std::string& trace, std::uint64_t step, Dice& dice) {
  // A trace has some spans that stand together.
  const bool root = trace.empty() || dice.one_in(6);
  if (root) trace = dice.bytes(16);
  span.set_trace_id(trace);
  span.set_span_id(dice.bytes(8));
  if (!root) span.set_parent_span_id(dice.bytes(8));
  const std::uint64_t start = time_of(step, dice);
  span.set_start_time_unix_nano(start);
  span.set_end_time_unix_nano(start + 1'000 * (50 + dice.skewed(2'000'000)));
  span.set_flags(0x101);
  auto& attributes = *span.mutable_attributes();
  add_number(attributes, "thread.id", static_cast<std::int64_t>(20 + dice.below(60)));
  add_text(attributes, "thread.name", "http-nio-8080-exec-" + std::to_string(dice.below(60)));
  if (dice.one_in(4)) {
    span.set_kind(Span::SPAN_KIND_CLIENT);
    span.set_name("SELECT shop.order_items");
    add_text(attributes, "db.system.name", "postgresql");
    add_text(attributes, "db.namespace", "shop");
    add_text(attributes, "db.operation.name", "SELECT");
    add_text(attributes, "db.query.text", sql_statement(dice));
    add_text(attributes, "server.address", "orders-db.shop-production.svc.cluster.local");
    add_number(attributes, "server.port", 5432);
    add_number(attributes, "db.response.returned_rows", static_cast<std::int64_t>(dice.skewed(50)));
    return;
  }
  const auto method = http_method(dice);
  const auto route = http_route(dice);
  const auto status = http_status(dice);
  span.set_kind(Span::SPAN_KIND_SERVER);
  span.set_name(std::string(method) + " " + std::string(route));
  add_text(attributes, "http.request.method", method);
  add_text(attributes, "http.route", route);
  add_text(attributes, "url.path", http_target(route, dice));
  add_text(attributes, "url.scheme", "https");
  add_number(attributes, "http.response.status_code", status);
  add_number(attributes, "http.response.body.size", static_cast<std::int64_t>(dice.skewed(200'000)));
  add_text(attributes, "user_agent.original", user_agent(dice));
  add_text(attributes, "client.address", client_address(dice));
  add_text(attributes, "server.address", "shop.example.com");
  add_text(attributes, "network.protocol.version", "1.1");
  if (status == 500) {
    span.mutable_status()->set_code(opentelemetry::proto::trace::v1::Status::STATUS_CODE_ERROR);
    auto& event = *span.add_events();
    event.set_name("exception");
    event.set_time_unix_nano(start + 40'000);
    add_text(*event.mutable_attributes(), "exception.type", "java.sql.SQLTransientConnectionException");
    add_text(*event.mutable_attributes(), "exception.message",
             "connection is not available, request timed out");
  }
}

void fill_log(LogRecord& log, std::uint64_t step, Dice& dice) {
  const std::uint64_t time = time_of(step, dice);
  const auto route = http_route(dice);
  const bool bad = dice.one_in(25);
  log.set_time_unix_nano(time);
  log.set_observed_time_unix_nano(time + dice.skewed(5'000'000));
  log.set_severity_number(bad ? opentelemetry::proto::logs::v1::SEVERITY_NUMBER_ERROR
                              : opentelemetry::proto::logs::v1::SEVERITY_NUMBER_INFO);
  log.set_severity_text(bad ? "ERROR" : "INFO");
  log.mutable_body()->set_string_value(
      std::string(bad ? "request failed: " : "request served: ") + std::string(http_method(dice)) + " " +
      http_target(route, dice) + " from " + client_address(dice) + " with status " +
      std::to_string(http_status(dice)) + " in " + std::to_string(dice.skewed(900'000)) + " us");
  auto& attributes = *log.mutable_attributes();
  add_text(attributes, "log.logger", "com.example.shop.web.RequestLog");
  add_text(attributes, "thread.name", "http-nio-8080-exec-" + std::to_string(dice.below(60)));
  add_text(attributes, "http.route", route);
  add_number(attributes, "shop.tenant", static_cast<std::int64_t>(dice.below(400)));
  if (dice.one_in(2)) {
    log.set_trace_id(dice.bytes(16));
    log.set_span_id(dice.bytes(8));
  }
}

template <typename Point>
void fill_point(Point& point, std::uint64_t step, Dice& dice) {
  point.set_start_time_unix_nano(1'760'000'000'000'000'000u);
  point.set_time_unix_nano(time_of(step, dice) / 1'000'000'000 * 1'000'000'000);
  auto& attributes = *point.mutable_attributes();
  add_text(attributes, "http.request.method", http_method(dice));
  add_text(attributes, "http.route", http_route(dice));
  add_number(attributes, "http.response.status_code", http_status(dice));
}

// A metric with `points` data points, of the kind that comes next.
void fill_metric(metrics::Metric& metric, std::size_t kind, std::size_t points, Dice& dice) {
  if (kind % 3 == 0) {
    metric.set_name("jvm.memory.used");
    metric.set_unit("By");
    metric.set_description("Measure of memory used.");
    for (std::size_t i = 0; i < points; ++i) {
      auto& point = *metric.mutable_gauge()->add_data_points();
      fill_point(point, i, dice);
      point.set_as_int(static_cast<std::int64_t>(dice.skewed(4'000'000'000)));
    }
  } else if (kind % 3 == 1) {
    metric.set_name("http.server.request.count");
    metric.set_unit("{request}");
    metric.mutable_sum()->set_is_monotonic(true);
    metric.mutable_sum()->set_aggregation_temporality(metrics::AGGREGATION_TEMPORALITY_CUMULATIVE);
    for (std::size_t i = 0; i < points; ++i) {
      auto& point = *metric.mutable_sum()->add_data_points();
      fill_point(point, i, dice);
      point.set_as_int(static_cast<std::int64_t>(dice.skewed(10'000'000)));
    }
  } else {
    metric.set_name("http.server.request.duration");
    metric.set_unit("s");
    metric.mutable_histogram()->set_aggregation_temporality(metrics::AGGREGATION_TEMPORALITY_CUMULATIVE);
    for (std::size_t i = 0; i < points; ++i) {
      auto& point = *metric.mutable_histogram()->add_data_points();
      fill_point(point, i, dice);
      std::uint64_t count = 0;
      for (const double bound :
           {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0}) {
        point.add_explicit_bounds(bound);
        point.add_bucket_counts(dice.skewed(3'000));
        count += point.bucket_counts(point.bucket_counts_size() - 1);
      }
      point.add_bucket_counts(dice.skewed(4));
      point.set_count(count + point.bucket_counts(point.bucket_counts_size() - 1));
      point.set_sum(static_cast<double>(dice.skewed(1'000'000)) / 128.0);
    }
  }
}

void fill(collector::trace::v1::ExportTraceServiceRequest& out, std::size_t records, Dice& dice) {
  const std::size_t resources = resources_of(records);
  std::string trace;
  std::uint64_t step = 0;
  for (std::size_t r = 0; r < resources; ++r) {
    auto& resource = *out.add_resource_spans();
    fill_resource(*resource.mutable_resource(), dice);
    for (std::size_t s = 0; s < kScopesEach; ++s) {
      auto& scope = *resource.add_scope_spans();
      fill_scope(*scope.mutable_scope(), dice);
      const std::size_t count = share(share(records, r, resources), s, kScopesEach);
      for (std::size_t i = 0; i < count; ++i) fill_span(*scope.add_spans(), trace, ++step, dice);
    }
  }
}

void fill(collector::logs::v1::ExportLogsServiceRequest& out, std::size_t records, Dice& dice) {
  const std::size_t resources = resources_of(records);
  std::uint64_t step = 0;
  for (std::size_t r = 0; r < resources; ++r) {
    auto& resource = *out.add_resource_logs();
    fill_resource(*resource.mutable_resource(), dice);
    for (std::size_t s = 0; s < kScopesEach; ++s) {
      auto& scope = *resource.add_scope_logs();
      fill_scope(*scope.mutable_scope(), dice);
      const std::size_t count = share(share(records, r, resources), s, kScopesEach);
      for (std::size_t i = 0; i < count; ++i) fill_log(*scope.add_log_records(), ++step, dice);
    }
  }
}

void fill(collector::metrics::v1::ExportMetricsServiceRequest& out, std::size_t records, Dice& dice) {
  constexpr std::size_t kMetricsEach = 3;
  const std::size_t resources = resources_of(records);
  for (std::size_t r = 0; r < resources; ++r) {
    auto& resource = *out.add_resource_metrics();
    fill_resource(*resource.mutable_resource(), dice);
    for (std::size_t s = 0; s < kScopesEach; ++s) {
      auto& scope = *resource.add_scope_metrics();
      fill_scope(*scope.mutable_scope(), dice);
      const std::size_t count = share(share(records, r, resources), s, kScopesEach);
      for (std::size_t m = 0; m < kMetricsEach; ++m) {
        const std::size_t points = share(count, m, kMetricsEach);
        if (points > 0) fill_metric(*scope.add_metrics(), m, points, dice);
      }
    }
  }
}

template <typename Request>
std::string serialized(std::size_t records, std::uint64_t seed) {
  Dice dice(seed);
  Request request;
  fill(request, records, dice);
  return request.SerializeAsString();
}

}  // namespace

std::string make_payload(worker::Signal signal, std::size_t records, std::uint64_t seed) {
  switch (signal) {
    case worker::Signal::kTraces:
      return serialized<collector::trace::v1::ExportTraceServiceRequest>(records, seed);
    case worker::Signal::kMetrics:
      return serialized<collector::metrics::v1::ExportMetricsServiceRequest>(records, seed);
    case worker::Signal::kLogs:
      break;
  }
  return serialized<collector::logs::v1::ExportLogsServiceRequest>(records, seed);
}

}  // namespace otlpipe::bench
