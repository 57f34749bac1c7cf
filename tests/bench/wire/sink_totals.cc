#include "tests/bench/wire/sink_totals.h"

#include <optional>

#include "tests/bench/wire/frames.h"
#include "tests/bench/wire/record_count.h"

namespace otlpipe::bench {
namespace {

std::optional<worker::Signal> signal_of(std::string_view path) {
  if (path.ends_with(".TraceService/Export")) return worker::Signal::kTraces;
  if (path.ends_with(".MetricsService/Export")) return worker::Signal::kMetrics;
  if (path.ends_with(".LogsService/Export")) return worker::Signal::kLogs;
  return std::nullopt;
}

}  // namespace

bool SinkCounter::count(std::string_view path, std::string_view encoding, ByteView message) {
  count_request(message.size());
  const bool good = count_message(path, encoding, message);
  totals_.bad += good ? 0 : 1;
  return good;
}

void SinkCounter::count_request(std::uint64_t bytes) {
  ++totals_.requests;
  totals_.bytes += bytes;
}

bool SinkCounter::count_message(std::string_view path, std::string_view encoding, ByteView message) {
  constexpr std::size_t kMostInflated = 1u << 30;
  const auto signal = signal_of(path);
  const auto compression = worker::compression::parse_compression(encoding);
  if (!signal || !compression || message.size() < kGrpcPrefixLength ||
      get_number(message.data() + 1) != message.size() - kGrpcPrefixLength) {
    return false;
  }
  ByteView body = message.subspan(kGrpcPrefixLength);
  Bytes inflated;
  if (message[0] == 1) {
    auto result = decompressor_->decompress(*compression, body, kMostInflated, {});
    if (!result) return false;
    inflated = std::move(result->content);
    body = inflated.view();
  }
  const auto records = count_records(*signal, body);
  if (!records) return false;
  totals_.records[static_cast<std::size_t>(*signal)] += *records;
  return true;
}

}  // namespace otlpipe::bench
