#include "tests/bench/wire/blast_options.h"

#include <charconv>

#include <CLI/CLI.hpp>

namespace otlpipe::bench {
namespace {

using worker::Signal;
using worker::compression::Compression;

Duration seconds_of(double seconds) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

bool read_target(const std::string& target, BlastOptions& options) {
  const std::size_t colon = target.rfind(':');
  if (colon == std::string::npos) return false;
  const char* const end = target.data() + target.size();
  const auto [at, error] = std::from_chars(target.data() + colon + 1, end, options.port);
  options.host = target.substr(0, colon);
  return error == std::errc() && at == end && options.port != 0;
}

}  // namespace

BlastArguments parse_blast_arguments(int argc, char** argv) {
  CLI::App app{
      "Sends prepared OTLP requests as fast as they are answered, or at a fixed rate, and says what came of "
      "it.",
      "otlp_blast"};
  BlastOptions options;
  LoadPlan& plan = options.plan;
  plan.bodies = 16;
  std::string target;
  std::string protocol = "grpc";
  double seconds = 0;
  double limit = 0;
  std::string signal = "traces";
  std::string compression = "none";
  app.add_option("--target", target, "HOST:PORT with an IPv4 address")->required();
  app.add_option("--protocol", protocol, "grpc or http")->check(CLI::IsMember({"grpc", "http"}));
  app.add_option("--signal", signal, "traces, metrics or logs")
      ->check(CLI::IsMember({"traces", "metrics", "logs"}));
  app.add_option("--records", options.records, "Spans, points or log records in a request")
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--bodies", plan.bodies, "Distinct requests")->check(CLI::Range(1, 4'096));
  app.add_option("--compression", compression, "none, gzip or zstd")
      ->check(CLI::IsMember({"none", "gzip", "zstd"}));
  app.add_option("--connections", options.connections, "Connections")->check(CLI::Range(1, 1'024));
  app.add_option("--in-flight", options.in_flight, "Requests under way on a connection")
      ->check(CLI::Range(1, 4'096));
  auto* requests = app.add_option("--requests", plan.requests, "How many requests are measured")
                       ->check(CLI::PositiveNumber);
  auto* length = app.add_option("--seconds", seconds, "How long is measured")->check(CLI::PositiveNumber);
  app.add_option("--rate", plan.rate, "Requests a second, due by the clock")->check(CLI::PositiveNumber);
  app.add_option("--warmup", plan.warmup, "Answers before what is measured");
  app.add_option("--seed", options.seed, "Of the made-up telemetry");
  app.add_option("--limit", limit,
                 "Seconds after which the run has failed; default: a minute more than --seconds");
  requests->excludes(length);
  app.footer(
      "Exit codes: 0 every request was acknowledged, 1 some failed, 2 usage, 3 the server cannot be "
      "reached.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return {std::nullopt, app.exit(e) == 0 ? 0 : 2};
  }
  if (!read_target(target, options) || (plan.requests == 0 && seconds <= 0)) {
    std::fprintf(stderr, "otlp_blast: --target HOST:PORT and one of --requests and --seconds are needed\n");
    return {std::nullopt, 2};
  }
  options.grpc = protocol == "grpc";
  options.signal = signal == "traces"    ? Signal::kTraces
                   : signal == "metrics" ? Signal::kMetrics
                                         : Signal::kLogs;
  options.compression = compression == "none"   ? Compression::kNone
                        : compression == "gzip" ? Compression::kGzip
                                                : Compression::kZstd;
  plan.length = seconds_of(seconds);
  options.limit = seconds_of(limit > 0 ? limit : seconds + 60);
  return {options, 0};
}

}  // namespace otlpipe::bench
