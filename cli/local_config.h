#pragma once

#include <map>
#include <string>

#include "cli/input.h"
#include "cli/options.h"

namespace otlpipe::cli {

// What the worker of `otlpipe run` is given.
struct LocalConfig {
  std::string json;                                // a WorkerConfig
  std::map<std::string, std::string> environment;  // on top of this process's own
  std::vector<std::string> errors;  // finished lines; when there are some, the rest means nothing
  std::vector<std::string> notes;
};

// Reads and checks the text of options.file, resolves the pipeline, and binds it to 127.0.0.1 with the ports
// of the options. References to the environment are checked against what the worker will see; the worker
// resolves them.
LocalConfig local_config(const RunOptions& options, const std::string& text);

}  // namespace otlpipe::cli
