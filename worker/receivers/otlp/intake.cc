#include "worker/receivers/otlp/intake.h"

#include <algorithm>
#include <utility>

#include "worker/data/scan.h"

namespace otlpipe::worker::receivers::otlp {
namespace {

using data::Outcome;

// What the index of a batch takes for a record, at most twice while it grows.
constexpr std::size_t kBytesPerRecord = 80;

// Keeps the memory credit for exactly as long as somebody refers to the bytes.
Bytes hold(Bytes body, transport::MemoryCredit credit) {
  struct Held {
    Bytes body;
    transport::MemoryCredit credit;
  };
  const ByteView view = body.view();
  return {std::make_shared<const Held>(Held{std::move(body), std::move(credit)}), view};
}

data::MetadataPtr metadata_of(const transport::Headers& headers, const std::vector<std::string>& keys) {
  data::Metadata found;
  for (const std::string& key : keys) {  // none, nearly always
    const auto header =
        std::ranges::find(headers, key, [](const auto& h) -> const std::string& { return h.first; });
    if (header != headers.end()) found.push_back(*header);
  }
  if (found.empty()) return nullptr;
  return std::make_shared<const data::Metadata>(std::move(found));
}

// The body as it came, if an exporter wants it so; if none does, its memory is given back.
compression::Packed packed_of(transport::PackedBody packed,
                              const std::vector<compression::Compression>& wanted) {
  if (std::ranges::find(wanted, packed.body.compression) == wanted.end()) return {};
  return {packed.body.compression, hold(std::move(packed.body.bytes), std::move(packed.credit))};
}

// Twice: a processor that tells groups apart by it has a copy.
std::size_t bytes_of(const data::MetadataPtr& metadata) {
  std::size_t bytes = 0;
  if (metadata) {
    for (const auto& [name, value] : *metadata)
      bytes += 2 * (sizeof(std::string) * 2 + name.size() + value.size());
  }
  return bytes;
}

}  // namespace

void Intake::take(Signal signal, transport::ServerRequest request, data::Completion::Done done) {
  const Result<data::Counts> counts = data::scan(signal, request.body.view());
  if (!counts) {
    refused(signal);
    return done(Outcome::rejected_for_good(counts.error().code, counts.error().message));
  }
  const std::uint64_t records = counts->records;
  if (records == 0) return done(Outcome::delivered());
  if (outputs_->closed()) {
    metrics_->refused.add(signal, core_, records);
    return done(Outcome::retry("this listener is going away, connect again"));
  }
  pipeline::Consumer* const next = outputs_->of(signal);
  if (next == nullptr) {
    return done(Outcome::rejected_for_good(
        Code::kUnimplemented, "no pipeline takes " + std::string(to_string(signal)) + " from this receiver"));
  }
  // Splitting a batch and taking it apart for people need memory a record, not a byte: many tiny records,
  // which compress to next to nothing, must not take more than was admitted.
  data::MetadataPtr metadata = metadata_of(request.headers, outputs_->kept().metadata_keys);
  compression::Packed packed = packed_of(std::move(request.packed), outputs_->kept_compressions(signal));
  const std::size_t needed =
      std::max(static_cast<std::size_t>(records) * kBytesPerRecord, request.credit.bytes()) +
      bytes_of(metadata);
  if (request.credit.limited() && needed > request.credit.bytes() &&
      !request.credit.grow(needed - request.credit.bytes())) {
    metrics_->refused.add(signal, core_, records);
    return done(
        Outcome::retry("the memory budget has no room for this many records now, send fewer at once"));
  }
  data::Ack ack = data::Ack::track(records, [signal, records, core = core_, metrics = metrics_,
                                             answer = std::move(done)](Outcome outcome) {
    switch (outcome.kind) {
      case Outcome::Kind::kDelivered:
        metrics->accepted.add(signal, core, records - outcome.rejected);
        if (outcome.rejected > 0) metrics->rejected.add(signal, core, outcome.rejected);
        break;
      case Outcome::Kind::kRejected:
        metrics->rejected.add(signal, core, records);
        break;
      case Outcome::Kind::kRetry:
        metrics->refused.add(signal, core, records);
        break;
    }
    answer(std::move(outcome));
  });
  data::Batch batch(signal, hold(std::move(request.body), std::move(request.credit)), records,
                    std::move(ack));
  batch.set_metadata(std::move(metadata));
  batch.set_packed(std::move(packed));
  next->consume(std::move(batch));
}

std::optional<Signal> signal_of_http_path(std::string_view path) {
  path = path.substr(0, path.find('?'));
  if (path == "/v1/traces") return Signal::kTraces;
  if (path == "/v1/metrics") return Signal::kMetrics;
  if (path == "/v1/logs") return Signal::kLogs;
  return std::nullopt;
}

std::optional<Signal> signal_of_grpc_path(std::string_view path) {
  if (path == "/opentelemetry.proto.collector.trace.v1.TraceService/Export") return Signal::kTraces;
  if (path == "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export") return Signal::kMetrics;
  if (path == "/opentelemetry.proto.collector.logs.v1.LogsService/Export") return Signal::kLogs;
  return std::nullopt;
}

}  // namespace otlpipe::worker::receivers::otlp
