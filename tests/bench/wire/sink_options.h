#pragma once

#include <cstdint>
#include <optional>

namespace otlpipe::bench {

struct SinkOptions {
  std::uint16_t port = 0;
  bool stalled = false;
  bool only_requests = false;
};

// The options, or the exit code when there is nothing to do.
struct SinkArguments {
  std::optional<SinkOptions> options;
  int exit_code = 0;
};
SinkArguments parse_sink_arguments(int argc, char** argv);

}  // namespace otlpipe::bench
