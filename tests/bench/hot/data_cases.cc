#include <memory>

#include "tests/bench/hot/cases.h"
#include "tests/bench/wire/payload.h"
#include "worker/data/batch.h"
#include "worker/data/scan.h"
#include "worker/data/split.h"

namespace otlpipe::bench {
namespace {

using worker::Signal;
namespace data = worker::data;

constexpr std::size_t kRecords = 1'000;

HotCaseMaker scan_case(const std::string& name, Signal signal) {
  return {name, [=] {
            return HotCase{name, kRecords, [signal, request = make_payload(signal, kRecords, 1)] {
                             const auto counts = data::scan(signal, as_bytes(request));
                             require(counts && counts->records == kRecords);
                           }};
          }};
}

HotCase split_case() {
  const Bytes request = Bytes::from(make_payload(Signal::kTraces, kRecords, 1));
  return {"split_spans", kRecords, [request] {
            const auto pieces = data::split(Signal::kTraces, request, kRecords, {100, 0});
            require(pieces.size() == 10);
          }};
}

// Requests of 8 spans gathered into batches of 512, and their senders answered.
HotCase gather_case() {
  constexpr std::uint64_t kSmall = 8;
  constexpr std::uint64_t kCount = 64;
  auto requests = std::make_shared<std::vector<Bytes>>();
  for (std::uint64_t i = 0; i < kCount; ++i) {
    requests->push_back(Bytes::from(make_payload(Signal::kTraces, kSmall, i)));
  }
  return {"gather_spans", kSmall * kCount, [requests] {
            std::uint64_t answered = 0;
            data::Batch batch(Signal::kTraces);
            for (const Bytes& request : *requests) {
              auto ack = data::Ack::track(kSmall, [&answered](const data::Outcome&) { ++answered; });
              batch.append(data::Batch(Signal::kTraces, request, kSmall, std::move(ack)));
            }
            batch.resolve(data::Outcome::delivered());
            require(answered == kCount);
          }};
}

}  // namespace

std::vector<HotCaseMaker> data_cases() {
  return {scan_case("scan_spans", Signal::kTraces),
          scan_case("scan_points", Signal::kMetrics),
          scan_case("scan_logs", Signal::kLogs),
          {"split_spans", split_case},
          {"gather_spans", gather_case}};
}

}  // namespace otlpipe::bench
