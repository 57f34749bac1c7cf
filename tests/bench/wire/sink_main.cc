// otlp_sink: a backend for OTLP/gRPC that counts every record and answers at once. Prints {"event":
// "listening", "port": …}, and a JSON object at each report.
#include <cstdio>
#include <exception>

#include "tests/bench/wire/sink.h"
#include "tests/bench/wire/sink_options.h"

int main(int argc, char** argv) try {
  const auto arguments = otlpipe::bench::parse_sink_arguments(argc, argv);
  if (!arguments.options) return arguments.exit_code;
  auto listening = otlpipe::bench::listen_tcp(arguments.options->port);
  if (!listening) {
    std::fprintf(stderr, "otlp_sink: %s\n", listening.error().to_string().c_str());
    return 3;
  }
  std::printf("{\"event\": \"listening\", \"port\": %d}\n", listening->port);
  std::fflush(stdout);
  otlpipe::bench::Sink(std::move(*listening), arguments.options->stalled, arguments.options->only_requests)
      .run();
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "otlp_sink: %s\n", e.what());
  return 3;
}
