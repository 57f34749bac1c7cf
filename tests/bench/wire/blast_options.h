#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/bench/wire/load.h"
#include "worker/compression/compression.h"
#include "worker/data/signal.h"

namespace otlpipe::bench {

struct BlastOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  bool grpc = true;
  worker::Signal signal = worker::Signal::kTraces;
  worker::compression::Compression compression = worker::compression::Compression::kNone;
  std::size_t records = 1'000;  // in a request
  std::size_t connections = 1;
  std::size_t in_flight = 1;  // requests a connection; HTTP/1.1 has always one
  std::uint64_t seed = 1;
  Duration limit{0};  // after which the run has failed
  LoadPlan plan;
};

// The options, or the exit code when there is nothing to do.
struct BlastArguments {
  std::optional<BlastOptions> options;
  int exit_code = 0;
};
BlastArguments parse_blast_arguments(int argc, char** argv);

}  // namespace otlpipe::bench
