#include "tests/bench/wire/sink_options.h"

#include <CLI/CLI.hpp>

namespace otlpipe::bench {

SinkArguments parse_sink_arguments(int argc, char** argv) {
  CLI::App app{"Takes OTLP/gRPC, counts it and answers at once.", "otlp_sink"};
  SinkOptions options;
  app.add_option("--port", options.port, "Where it listens on 127.0.0.1; 0: any free port");
  app.add_flag("--stall", options.stalled,
               "Accept, and read nothing until SIGUSR1 or \"go\" on standard input");
  app.add_flag("--count-requests-only", options.only_requests, "Look at no payload");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return {std::nullopt, app.exit(e) == 0 ? 0 : 2};
  }
  return {options, 0};
}

}  // namespace otlpipe::bench
