#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace otlpipe::worker::app {

struct Options {
  std::string config_file;
  std::string config_name;  // what errors call it; its path unless somebody made the file out of another one
  std::size_t cores = 0;    // 0: as many as the process may use
  std::chrono::milliseconds shutdown_delay{0};  // not ready, but still accepting, before draining
};

// The options, or the exit code when there is nothing (more) to do: help and version were printed, or the
// usage was wrong.
struct ParsedArguments {
  std::optional<Options> options;
  int exit_code = 0;
};
ParsedArguments parse_arguments(int argc, char** argv);

}  // namespace otlpipe::worker::app
