// otlp_blast: sends prepared OTLP requests and says what came of it. Prints {"event": …} when measuring
// begins and ends, and one JSON object with the outcome. Latencies are in microseconds, everything else in
// units and seconds.
#include <cstdio>
#include <exception>

#include "tests/bench/wire/blast.h"

namespace otlpipe::bench {
namespace {

void print_event(LoadPhase phase) {
  std::printf("{\"event\": \"%s\"}\n", phase == LoadPhase::kMeasuring ? "measuring" : "measured");
  std::fflush(stdout);
}

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
  }
  return out + "\"";
}

void print_result(const BlastOptions& options, const Prepared& prepared, const LoadResult& result,
                  double cpu) {
  const auto records = static_cast<unsigned long long>(options.records);
  const auto measured = static_cast<unsigned long long>(result.measured);
  const auto acknowledged = static_cast<unsigned long long>(result.acknowledged);
  std::printf(
      "{\"requests\": %llu, \"records\": %llu, \"bytes\": %.0f, \"seconds\": %.6f, \"cpu_seconds\": %.6f, "
      "\"acknowledged_requests\": %llu, \"acknowledged_records\": %llu, \"payload_bytes\": %.0f, "
      "\"wire_bytes\": %.0f, "
      "\"p50_us\": %.1f, \"p90_us\": %.1f, \"p99_us\": %.1f, \"max_us\": %.1f, \"retries\": %llu, "
      "\"failures\": %llu, "
      "\"first_failure\": %s}\n",
      measured, measured * records, static_cast<double>(measured) * prepared.wire_bytes,
      std::chrono::duration<double>(result.measured_for).count(), cpu, acknowledged, acknowledged * records,
      prepared.payload_bytes, prepared.wire_bytes, result.latencies.quantile(0.5),
      result.latencies.quantile(0.9), result.latencies.quantile(0.99), result.latencies.max(),
      static_cast<unsigned long long>(result.retries), static_cast<unsigned long long>(result.failures),
      json_text(result.first_failure).c_str());
}

int blast_main(int argc, char** argv) {
  const BlastArguments arguments = parse_blast_arguments(argc, argv);
  if (!arguments.options) return arguments.exit_code;
  const BlastOptions& options = *arguments.options;
  const auto prepared = prepare(options);
  if (!prepared) {
    std::fprintf(stderr, "otlp_blast: %s\n", prepared.error().to_string().c_str());
    return 3;
  }
  const SystemClock clock;
  double cpu_before = 0;
  double cpu = 0;
  Load load(options.plan, clock.now(), [&](LoadPhase phase) {
    (phase == LoadPhase::kMeasuring ? cpu_before : cpu) = own_cpu_seconds();
    print_event(phase);
  });
  const Status ran = Blast(options, prepared->ammunition, clock, load).run();
  if (!ran) {
    std::fprintf(stderr, "otlp_blast: %s\n", ran.error().to_string().c_str());
    return 3;
  }
  print_result(options, *prepared, load.result(), cpu - cpu_before);
  return load.result().failures > 0 ? 1 : 0;
}

}  // namespace
}  // namespace otlpipe::bench

int main(int argc, char** argv) try {
  return otlpipe::bench::blast_main(argc, argv);
} catch (const std::exception& e) {
  std::fprintf(stderr, "otlp_blast: %s\n", e.what());
  return 3;
}
