#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"

namespace otlpipe::cli {

// What a child process that ran to its end left behind.
struct Finished {
  int exit_code = 0;  // 128 + N when signal N ended it
  std::string out;
  std::string err;
};

// Runs a program (found through PATH unless it has a slash) with the given arguments and waits for it.
// Standard input is /dev/null. Fails with kNotFound when there is no such program. Blocks; not for use beside
// other threads that fork.
Result<Finished> run_to_end(const std::vector<std::string>& command);

// The folder that holds this program.
Result<std::string> own_folder();

}  // namespace otlpipe::cli
