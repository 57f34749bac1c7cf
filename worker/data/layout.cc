#include "worker/data/layout.h"

#include <utility>

namespace otlpipe::worker::data {
namespace {

constexpr FieldLayout kInt{Kind::kVarint};
constexpr FieldLayout kF64{Kind::kFixed64};
constexpr FieldLayout kF32{Kind::kFixed32};
constexpr FieldLayout kText{Kind::kBytes};

constexpr FieldLayout sub(const MessageLayout& message, Counted counted = Counted::kNothing) {
  return {Kind::kMessage, counted, &message};
}

using Entry = std::pair<int, FieldLayout>;

struct KindsStep {
  Step step;
  std::size_t wire_type;
};

constexpr KindsStep step_of(Kind kind) {
  switch (kind) {
    case Kind::kVarint:
      return {Step::kSkipVarint, 0};
    case Kind::kFixed64:
      return {Step::kSkipFixed64, 1};
    case Kind::kBytes:
      return {Step::kSkipBytes, 2};
    case Kind::kMessage:
      return {Step::kEnter, 2};
    case Kind::kFixed32:
      return {Step::kSkipFixed32, 5};
    default:
      return {Step::kLookCloser, 0};
  }
}

template <std::size_t N>
constexpr MessageLayout make(std::string_view name, const Entry (&entries)[N]) {
  constexpr std::size_t kOneByteKeys = 16;
  MessageLayout layout{name};
  for (const Entry& entry : entries) {
    const auto number = static_cast<std::size_t>(entry.first);
    layout.fields[number] = entry.second;
    const KindsStep kinds = step_of(entry.second.kind);
    if (number < kOneByteKeys) layout.steps[number << 3 | kinds.wire_type] = kinds.step;
  }
  return layout;
}

constexpr MessageLayout as_attribute(MessageLayout layout) {
  layout.attribute = true;
  return layout;
}

// AnyValue contains itself by way of arrays and maps.
extern const MessageLayout kAnyValue;
extern const MessageLayout kKeyValue;

constexpr MessageLayout kArrayValue = make("ArrayValue", {{1, sub(kAnyValue)}});
constexpr MessageLayout kKeyValueList = make("KeyValueList", {{1, sub(kKeyValue)}});
constexpr MessageLayout kAnyValue = make("AnyValue", {{1, kText},
                                                      {2, kInt},
                                                      {3, kInt},
                                                      {4, kF64},
                                                      {5, sub(kArrayValue)},
                                                      {6, sub(kKeyValueList)},
                                                      {7, kText}});
constexpr MessageLayout kKeyValue = as_attribute(make("KeyValue", {{1, kText}, {2, sub(kAnyValue)}}));
constexpr MessageLayout kScope =
    make("InstrumentationScope", {{1, kText}, {2, kText}, {3, sub(kKeyValue)}, {4, kInt}});
constexpr MessageLayout kEntityRef = make("EntityRef", {{1, kText}, {2, kText}, {3, kText}, {4, kText}});
constexpr MessageLayout kResource = make("Resource", {{1, sub(kKeyValue)}, {2, kInt}, {3, sub(kEntityRef)}});

constexpr MessageLayout kEvent = make("Span.Event", {{1, kF64}, {2, kText}, {3, sub(kKeyValue)}, {4, kInt}});
constexpr MessageLayout kLink =
    make("Span.Link", {{1, kText}, {2, kText}, {3, kText}, {4, sub(kKeyValue)}, {5, kInt}, {6, kF32}});
constexpr MessageLayout kSpanStatus = make("Status", {{2, kText}, {3, kInt}});
constexpr MessageLayout kSpan = make("Span", {{1, kText},
                                              {2, kText},
                                              {3, kText},
                                              {4, kText},
                                              {5, kText},
                                              {6, kInt},
                                              {7, kF64},
                                              {8, kF64},
                                              {9, sub(kKeyValue)},
                                              {10, kInt},
                                              {11, sub(kEvent)},
                                              {12, kInt},
                                              {13, sub(kLink)},
                                              {14, kInt},
                                              {15, sub(kSpanStatus)},
                                              {16, kF32}});

constexpr MessageLayout kLogRecord = make("LogRecord", {{1, kF64},
                                                        {2, kInt},
                                                        {3, kText},
                                                        {5, sub(kAnyValue)},
                                                        {6, sub(kKeyValue)},
                                                        {7, kInt},
                                                        {8, kF32},
                                                        {9, kText},
                                                        {10, kText},
                                                        {11, kF64},
                                                        {12, kText}});

constexpr MessageLayout kExemplar =
    make("Exemplar", {{2, kF64}, {3, kF64}, {4, kText}, {5, kText}, {6, kF64}, {7, sub(kKeyValue)}});
constexpr MessageLayout kNumberPoint =
    make("NumberDataPoint",
         {{2, kF64}, {3, kF64}, {4, kF64}, {5, sub(kExemplar)}, {6, kF64}, {7, sub(kKeyValue)}, {8, kInt}});
constexpr MessageLayout kHistogramPoint = make("HistogramDataPoint", {{2, kF64},
                                                                      {3, kF64},
                                                                      {4, kF64},
                                                                      {5, kF64},
                                                                      {6, {Kind::kPackedFixed64}},
                                                                      {7, {Kind::kPackedFixed64}},
                                                                      {8, sub(kExemplar)},
                                                                      {9, sub(kKeyValue)},
                                                                      {10, kInt},
                                                                      {11, kF64},
                                                                      {12, kF64}});
constexpr MessageLayout kBuckets = make("Buckets", {{1, kInt}, {2, {Kind::kPackedVarint}}});
constexpr MessageLayout kExponentialPoint = make("ExponentialHistogramDataPoint", {{1, sub(kKeyValue)},
                                                                                   {2, kF64},
                                                                                   {3, kF64},
                                                                                   {4, kF64},
                                                                                   {5, kF64},
                                                                                   {6, kInt},
                                                                                   {7, kF64},
                                                                                   {8, sub(kBuckets)},
                                                                                   {9, sub(kBuckets)},
                                                                                   {10, kInt},
                                                                                   {11, sub(kExemplar)},
                                                                                   {12, kF64},
                                                                                   {13, kF64},
                                                                                   {14, kF64}});
constexpr MessageLayout kQuantile = make("ValueAtQuantile", {{1, kF64}, {2, kF64}});
constexpr MessageLayout kSummaryPoint =
    make("SummaryDataPoint",
         {{2, kF64}, {3, kF64}, {4, kF64}, {5, kF64}, {6, sub(kQuantile)}, {7, sub(kKeyValue)}, {8, kInt}});

constexpr MessageLayout kGauge = make("Gauge", {{1, sub(kNumberPoint, Counted::kRecord)}});
constexpr MessageLayout kSum = make("Sum", {{1, sub(kNumberPoint, Counted::kRecord)}, {2, kInt}, {3, kInt}});
constexpr MessageLayout kHistogram =
    make("Histogram", {{1, sub(kHistogramPoint, Counted::kRecord)}, {2, kInt}});
constexpr MessageLayout kExponential =
    make("ExponentialHistogram", {{1, sub(kExponentialPoint, Counted::kRecord)}, {2, kInt}});
constexpr MessageLayout kSummary = make("Summary", {{1, sub(kSummaryPoint, Counted::kRecord)}});
constexpr MessageLayout kMetric = make("Metric", {{1, kText},
                                                  {2, kText},
                                                  {3, kText},
                                                  {5, sub(kGauge)},
                                                  {7, sub(kSum)},
                                                  {9, sub(kHistogram)},
                                                  {10, sub(kExponential)},
                                                  {11, sub(kSummary)},
                                                  {12, sub(kKeyValue)}});

constexpr MessageLayout scope_of(std::string_view name, const MessageLayout& item, Counted counted) {
  return make(name, {{1, sub(kScope)}, {2, sub(item, counted)}, {3, kText}});
}
constexpr MessageLayout resource_of(std::string_view name, const MessageLayout& scope) {
  return make(name, {{1, sub(kResource)}, {2, sub(scope, Counted::kScope)}, {3, kText}});
}
constexpr MessageLayout request_of(std::string_view name, const MessageLayout& resource) {
  return make(name, {{1, sub(resource, Counted::kResource)}});
}

constexpr MessageLayout kScopeSpans = scope_of("ScopeSpans", kSpan, Counted::kRecord);
constexpr MessageLayout kScopeMetrics = scope_of("ScopeMetrics", kMetric, Counted::kNothing);
constexpr MessageLayout kScopeLogs = scope_of("ScopeLogs", kLogRecord, Counted::kRecord);
constexpr MessageLayout kResourceSpans = resource_of("ResourceSpans", kScopeSpans);
constexpr MessageLayout kResourceMetrics = resource_of("ResourceMetrics", kScopeMetrics);
constexpr MessageLayout kResourceLogs = resource_of("ResourceLogs", kScopeLogs);
constexpr MessageLayout kTraces = request_of("ExportTraceServiceRequest", kResourceSpans);
constexpr MessageLayout kMetrics = request_of("ExportMetricsServiceRequest", kResourceMetrics);
constexpr MessageLayout kLogs = request_of("ExportLogsServiceRequest", kResourceLogs);

}  // namespace

const MessageLayout& request_layout(Signal signal) {
  switch (signal) {
    case Signal::kTraces:
      return kTraces;
    case Signal::kMetrics:
      return kMetrics;
    case Signal::kLogs:
      break;
  }
  return kLogs;
}

}  // namespace otlpipe::worker::data
