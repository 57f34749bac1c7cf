#pragma once

namespace otlpipe::cli {

// What the command ends with.
enum ExitCode : int {
  kDone = 0,
  kWrongInput = 1,
  kUsage = 2,
  kEnvironmentFailed = 3,
};

}  // namespace otlpipe::cli
