#include "operator/kube/host.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "operator/kube/json_text.h"

extern char** environ;

namespace otlpipe::kube {
namespace {

using std::chrono::steady_clock;

struct Descriptor {
  int fd = -1;
  ~Descriptor() { reset(); }
  void reset() {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
};

struct Pipe {
  Descriptor read;
  Descriptor write;
  bool open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    read.fd = ends[0];
    write.fd = ends[1];
    return true;
  }
};

std::vector<std::string> environment_of(const Command& command) {
  std::vector<std::string> all;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!command.environment.contains(text.substr(0, text.find('=')))) all.push_back(text);
  }
  for (const auto& [name, value] : command.environment) all.emplace_back(name).append("=").append(value);
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

// Reads both pipes until they close; false at the deadline or when one has more than `limit`.
bool read_both(Pipe& out, Pipe& err, std::string& out_text, std::string& err_text, std::size_t limit,
               steady_clock::time_point deadline) {
  char buffer[4096];
  while (out.read.fd >= 0 || err.read.fd >= 0) {
    pollfd fds[2] = {{out.read.fd, POLLIN, 0}, {err.read.fd, POLLIN, 0}};
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady_clock::now()).count();
    if (left <= 0 || (::poll(fds, 2, static_cast<int>(left)) < 0 && errno != EINTR)) return false;
    for (int i = 0; i < 2; ++i) {
      if (fds[i].fd < 0 || fds[i].revents == 0) continue;
      Descriptor& source = i == 0 ? out.read : err.read;
      std::string& text = i == 0 ? out_text : err_text;
      const ssize_t got = ::read(source.fd, buffer, sizeof buffer);
      if (got <= 0) {
        source.reset();
      } else {
        text.append(buffer, static_cast<std::size_t>(got));
        if (text.size() > limit) return false;
      }
    }
  }
  return true;
}

int spawn(const Command& command, Pipe& out, Pipe& err, pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.write.fd, 1);
  posix_spawn_file_actions_adddup2(&actions, err.write.fd, 2);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);  // the sockets of this process are not its business
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // A group of its own, so that what it starts ends with it.
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  std::vector<std::string> arguments{command.program};
  arguments.insert(arguments.end(), command.arguments.begin(), command.arguments.end());
  std::vector<std::string> environment = environment_of(command);
  const int failed = ::posix_spawnp(&pid, command.program.c_str(), &actions, &attributes,
                                    pointers(arguments).data(), pointers(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  out.write.reset();
  err.write.reset();
  return failed;
}

}  // namespace

std::optional<std::string> SystemHost::environment(std::string_view name) const {
  const char* value = std::getenv(std::string(name).c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

Result<std::string> SystemHost::read_file(const std::string& path) const {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    const int error = errno;
    const bool missing = error == ENOENT || error == ENOTDIR;
    return fail(missing ? Code::kNotFound : Code::kFailedPrecondition,
                std::string("cannot read the file: ") + std::strerror(error), path, Retry::backoff());
  }
  return std::move(text).str();
}

Result<std::string> SystemHost::run(const Command& command) const {
  const auto bad = [&command](Code code, std::string message) {
    return fail(code, std::move(message), command.program, Retry::backoff());
  };
  Pipe out;
  Pipe err;
  if (!out.open() || !err.open()) return bad(Code::kResourceExhausted, "cannot make a pipe");
  pid_t pid = 0;
  if (const int failed = spawn(command, out, err, pid); failed != 0) {
    return bad(failed == ENOENT ? Code::kNotFound : Code::kFailedPrecondition,
               std::string("cannot start the program: ") + std::strerror(failed));
  }
  std::string output;
  std::string complaint;
  const bool complete =
      read_both(out, err, output, complaint, command.max_output_bytes, steady_clock::now() + command.timeout);
  if (!complete) ::kill(-pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!complete) {
    return bad(Code::kDeadlineExceeded, "the program did not end within " +
                                            std::to_string(command.timeout.count()) +
                                            " s, or printed too much");
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return output;
  const std::string how = WIFEXITED(status) ? "exit code " + std::to_string(WEXITSTATUS(status))
                                            : "signal " + std::to_string(WTERMSIG(status));
  const std::string tail = complaint.substr(complaint.size() > 500 ? complaint.size() - 500 : 0);
  return bad(Code::kFailedPrecondition, "the program failed with " + how + ": " + one_line(tail, 500));
}

}  // namespace otlpipe::kube
