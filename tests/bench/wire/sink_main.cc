// otlp_sink: a backend for OTLP/gRPC that counts every record and answers at once. Prints {"event":
// "listening", "port": …}, and a JSON object at each report.
#include <cstdint>
#include <cstdio>

#include <CLI/CLI.hpp>

#include "tests/bench/wire/sink.h"

int main(int argc, char** argv) {
  CLI::App app{"Takes OTLP/gRPC, counts it and answers at once.", "otlp_sink"};
  std::uint16_t port = 0;
  bool stalled = false;
  bool only_requests = false;
  app.add_option("--port", port, "Where it listens on 127.0.0.1; 0: any free port");
  app.add_flag("--stall", stalled, "Accept, and read nothing until SIGUSR1 or \"go\" on standard input");
  app.add_flag("--count-requests-only", only_requests, "Look at no payload");
  CLI11_PARSE(app, argc, argv);
  auto listening = otlpipe::bench::listen_tcp(port);
  if (!listening) {
    std::fprintf(stderr, "otlp_sink: %s\n", listening.error().to_string().c_str());
    return 3;
  }
  std::printf("{\"event\": \"listening\", \"port\": %d}\n", listening->port);
  std::fflush(stdout);
  otlpipe::bench::Sink(std::move(*listening), stalled, only_requests).run();
  return 0;
}
