#include "cli/run.h"

#include <csignal>
#include <cstdio>
#include <ctime>
#include <optional>

#include <sys/stat.h>

#include "cli/exit_code.h"
#include "cli/input.h"
#include "cli/local_config.h"
#include "cli/process.h"
#include "cli/worker_process.h"

namespace otlpipe::cli {
namespace {

// How often the file is looked at; a stat costs nothing, and it sees a replaced file as well as a rewritten
// one.
constexpr long kLookEveryNanos = 200'000'000;

void print(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) std::fprintf(stderr, "%s\n", line.c_str());
}

// What tells one state of a file from another.
struct Stamp {
  ino_t inode = 0;
  off_t size = -1;
  timespec changed = {0, 0};

  static Stamp of(const std::string& path) {
    struct stat info{};
    if (path == "-" || stat(path.c_str(), &info) != 0) return {};
    return {info.st_ino, info.st_size, info.st_mtim};
  }
  bool operator==(const Stamp& other) const {
    return inode == other.inode && size == other.size && changed.tv_sec == other.changed.tv_sec &&
           changed.tv_nsec == other.changed.tv_nsec;
  }
};

// Takes over a changed file, or says why not.
void reload(const RunOptions& options, LocalConfig& current, WorkerProcess& worker) {
  const auto text = read_text(options.file);
  if (!text) return;  // between an editor's delete and its rename; the next look sees it
  LocalConfig next = local_config(options, *text);
  if (!next.errors.empty()) {
    print(next.errors);
    std::fprintf(stderr, "%s: not taken over, the worker goes on with what it has\n", options.file.c_str());
    return;
  }
  if (next.environment != current.environment) {
    std::fprintf(stderr, "%s: note: spec.env reaches a worker only when it starts\n", options.file.c_str());
  }
  if (next.json == current.json) return;
  if (const auto written = worker.reconfigure(next.json); !written) {
    std::fprintf(stderr, "%s\n", written.error().to_string().c_str());
    return;
  }
  current = std::move(next);
  std::fprintf(stderr, "%s: changed, handed to the worker\n", options.file.c_str());
}

int exit_code_of(int worker) {
  if (worker == 0) return kDone;
  if (worker == 1) return kWrongInput;
  if (worker >= 128) std::fprintf(stderr, "otlpipe-worker: ended by signal %d\n", worker - 128);
  return kEnvironmentFailed;
}

int supervise(const RunOptions& options, LocalConfig current, WorkerProcess worker, const sigset_t& signals,
              Stamp seen) {
  while (true) {
    if (const auto ended = worker.exited()) return exit_code_of(*ended);
    const timespec wait = {0, kLookEveryNanos};
    const int number = sigtimedwait(&signals, nullptr, &wait);
    if (number == SIGINT || number == SIGTERM || number == SIGHUP) {
      worker.signal(SIGTERM);
      continue;
    }
    const Stamp now = Stamp::of(options.file);
    if (now == seen || now.size < 0) continue;
    seen = now;
    reload(options, current, worker);
  }
}

}  // namespace

int run(const RunOptions& options) {
  const Stamp seen = Stamp::of(options.file);
  const auto text = read_text(options.file);
  if (!text) {
    std::fprintf(stderr, "%s\n", text.error().to_string().c_str());
    return kEnvironmentFailed;
  }
  LocalConfig config = local_config(options, *text);
  print(config.notes);
  print(config.errors);
  if (!config.errors.empty()) return kWrongInput;
  std::string program = options.worker;
  if (program.empty()) {
    const auto folder = own_folder();
    if (!folder) {
      std::fprintf(stderr, "%s\n", folder.error().to_string().c_str());
      return kEnvironmentFailed;
    }
    program = *folder + "/otlpipe-worker";
  }
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) sigaddset(&signals, number);
  // Before the worker starts: a signal in between waits until it can be handed on.
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  auto worker = WorkerProcess::start(program, options.file, config.json, config.environment);
  if (!worker) {
    std::fprintf(stderr, "%s\n", worker.error().to_string().c_str());
    return kEnvironmentFailed;
  }
  return supervise(options, std::move(config), std::move(*worker), signals, seen);
}

}  // namespace otlpipe::cli
