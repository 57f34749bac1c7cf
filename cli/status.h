#pragma once

#include "cli/options.h"

namespace otlpipe::cli {

// `otlpipe status`: asks the cluster through kubectl, as a kubectl plugin does, so that every way to sign in
// that kubectl knows works. Prints, and returns the exit code.
int status(const StatusOptions& options);

}  // namespace otlpipe::cli
