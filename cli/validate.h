#pragma once

#include "cli/options.h"

namespace otlpipe::cli {

// `otlpipe validate`: prints to standard output and error, returns the exit code.
int validate(const ValidateOptions& options);

}  // namespace otlpipe::cli
