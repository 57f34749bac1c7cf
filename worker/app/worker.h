#pragma once

#include "worker/app/options.h"

namespace otlpipe::worker::app {

// Runs the worker until it has drained; the exit code. Blocks SIGTERM and SIGINT in the calling thread and
// all that it starts, and takes them itself.
int run_worker(const Options& options);

}  // namespace otlpipe::worker::app
