#pragma once

#include "cli/options.h"

namespace otlpipe::cli {

// `otlpipe run`: runs a worker until it ends, hands SIGINT and SIGTERM on to it, and reconfigures it when the
// file changes. Blocks; takes over the signals of the process. Returns the exit code.
int run(const RunOptions& options);

}  // namespace otlpipe::cli
