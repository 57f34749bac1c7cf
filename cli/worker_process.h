#pragma once

#include <map>
#include <optional>
#include <string>

#include <sys/types.h>

#include "common/base/result.h"

namespace otlpipe::cli {

// A worker that runs as a child, and the configuration file that it watches, in a temporary folder of its
// own. The worker gets SIGTERM when this process dies. The folder goes with the object; the worker has to
// have ended by then.
class WorkerProcess {
 public:
  // Writes the configuration and starts `program --config FILE`, with `environment` on top of this process's
  // own. The worker's errors call the configuration `config_name`, which is what the user wrote.
  static Result<WorkerProcess> start(const std::string& program, const std::string& config_name,
                                     const std::string& config_json,
                                     const std::map<std::string, std::string>& environment);

  WorkerProcess(WorkerProcess&& other) noexcept;
  WorkerProcess& operator=(WorkerProcess&&) = delete;
  ~WorkerProcess();

  // Replaces the configuration at once as a whole; the worker sees the new file.
  Status reconfigure(const std::string& config_json);
  void signal(int number) const;
  // The exit code once it has ended (128 + N when signal N ended it). Does not wait.
  std::optional<int> exited();

 private:
  WorkerProcess(std::string folder, pid_t child);

  std::string folder_;
  pid_t child_;
};

}  // namespace otlpipe::cli
