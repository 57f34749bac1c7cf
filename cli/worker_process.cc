#include "cli/worker_process.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace otlpipe::cli {
namespace {

namespace fs = std::filesystem;

std::string config_path(const std::string& folder) {
  return folder + "/worker.json";
}

Status write_config(const std::string& folder, const std::string& text) {
  // A new file beside it and a rename: the worker never reads half of a configuration.
  const std::string next = folder + "/worker.json.new";
  std::ofstream out(next, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out) return fail(Code::kUnavailable, "cannot be written", next);
  if (std::rename(next.c_str(), config_path(folder).c_str()) != 0) {
    return fail(Code::kUnavailable, std::strerror(errno), config_path(folder));
  }
  return {};
}

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> out;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string entry = *at;
    if (!added.contains(entry.substr(0, entry.find('=')))) out.push_back(entry);
  }
  for (const auto& [name, value] : added) out.emplace_back(name).append("=").append(value);
  return out;
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> out;
  out.reserve(words.size() + 1);
  for (const std::string& word : words) out.push_back(const_cast<char*>(word.c_str()));
  out.push_back(nullptr);
  return out;
}

// Between fork and exec: only calls that are safe there.
[[noreturn]] void become(const char* program, char** argv, char** env, pid_t parent) {
  // Its own group, so that Ctrl-C at a terminal reaches it once, through us.
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (getppid() == parent) execve(program, argv, env);
  _exit(127);
}

}  // namespace

Result<WorkerProcess> WorkerProcess::start(const std::string& program, const std::string& config_name,
                                           const std::string& config_json,
                                           const std::map<std::string, std::string>& environment) {
  if (access(program.c_str(), X_OK) != 0) {
    return fail(Code::kUnavailable, std::string("the worker cannot be run: ") + std::strerror(errno),
                program);
  }
  std::error_code error;
  std::string folder = fs::temp_directory_path(error).string() + "/otlpipe-XXXXXX";
  if (error || mkdtemp(folder.data()) == nullptr) {
    return fail(Code::kUnavailable, "no temporary folder can be made", folder);
  }
  WorkerProcess process(folder, -1);  // removes the folder on every way out
  if (auto written = write_config(folder, config_json); !written) return tl::unexpected(written.error());
  const std::vector<std::string> command = {program, "--config", config_path(folder), "--config-name",
                                            config_name};
  const std::vector<std::string> variables = merged_environment(environment);
  auto argv = pointers(command);
  auto env = pointers(variables);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) return fail(Code::kUnavailable, std::strerror(errno), program);
  if (child == 0) become(program.c_str(), argv.data(), env.data(), parent);
  process.child_ = child;
  return process;
}

WorkerProcess::WorkerProcess(std::string folder, pid_t child) : folder_(std::move(folder)), child_(child) {}

WorkerProcess::WorkerProcess(WorkerProcess&& other) noexcept
    : folder_(std::exchange(other.folder_, {})), child_(std::exchange(other.child_, -1)) {}

WorkerProcess::~WorkerProcess() {
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

Status WorkerProcess::reconfigure(const std::string& config_json) {
  return write_config(folder_, config_json);
}

void WorkerProcess::signal(int number) const {
  if (child_ > 0) kill(child_, number);
}

std::optional<int> WorkerProcess::exited() {
  int status = 0;
  const pid_t ended = child_ > 0 ? waitpid(child_, &status, WNOHANG) : -1;
  if (ended == 0 || (ended < 0 && errno == EINTR)) return std::nullopt;
  if (ended < 0) return 127;
  child_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace otlpipe::cli
