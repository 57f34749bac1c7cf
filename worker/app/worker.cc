#include "worker/app/worker.h"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/log/logger.h"
#include "otlpipe/v1alpha1/worker_config.pb.h"
#include "worker/app/allocator.h"
#include "worker/app/components.h"
#include "worker/app/control_host.h"
#include "worker/app/cpu_count.h"
#include "worker/app/file_limit.h"
#include "worker/app/startup_pages.h"
#include "worker/app/supervisor.h"
#include "worker/app/version.h"
#include "worker/app/wakeup.h"
#include "worker/config/config.h"
#include "worker/config/file_watcher.h"
#include "worker/telemetry/process.h"

namespace otlpipe::worker::app {
namespace {

using std::chrono::milliseconds;

constexpr int kWrong = 1;
constexpr int kEnvironment = 3;
// The file is looked at this often even if nothing says that it changed.
constexpr milliseconds kFilePoll{5'000};
// After giving up, for the last answers to leave.
constexpr milliseconds kLastAnswers{200};

int signal_descriptor() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

std::optional<std::string> from_environment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

std::size_t cores_of(const Options& options) {
  if (options.cores > 0) return options.cores;
  const auto groups = config::read_file("/proc/self/cgroup");
  return core_count(cpu_quota("/sys/fs/cgroup", groups.value_or("")), affinity_count());
}

milliseconds millis(const google::protobuf::Duration& value) {
  return std::chrono::seconds(value.seconds()) + milliseconds(value.nanos() / 1'000'000);
}

void print_line(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

// Everything that lives as long as the process.
class Worker {
 public:
  Worker(const Options& options, const Logger& log, const Clock& clock)
      : options_(options),
        log_(log),
        clock_(clock),
        cores_(cores_of(options)),
        registry_(cores_),
        components_(all_components()),
        random_(random_seed()),
        signals_(signal_descriptor()),
        watcher_(options.config_file),
        engine_({.cores = cores_, .pin = cores_ == affinity_count(), .on_beat = give_back_memory},
                transport::make_core, components_, {registry_, log_, clock_}, clock_, random_.bits()),
        supervisor_({engine_, registry_, log_, clock_, from_environment,
                     [](const std::string& line) { print_line("listening " + line); }}),
        host_(
            supervisor_, random_, [this] { wakeup_.wake(); },
            [this] {
              drain_wanted_ = true;
              wakeup_.wake();
            }) {
    telemetry::register_process_metrics(registry_, alive_, clock_, supervisor_.started());
  }
  ~Worker() { close(signals_); }

  int run() {
    log_.info("starting", {{"version", kVersion}, {"cores", cores_}});
    const auto text = config::read_file(options_.config_file);
    if (!text) {
      std::fprintf(stderr, "%s\n", text.error().to_string().c_str());
      return kEnvironment;
    }
    const auto outcome = supervisor_.apply(*text);
    if (!outcome.ok()) {
      for (const auto& error : outcome.errors) {
        std::fprintf(stderr, "%s: %s\n", options_.config_name.c_str(), error.to_string().c_str());
      }
      return outcome.environment ? kEnvironment : kWrong;
    }
    host_.follow();
    drop_startup_pages();
    while (!drain_wanted_) wait_and_follow();
    return drain();
  }

 private:
  // Sleeps until something happens or `timeout`; whether it was a signal.
  bool wait(milliseconds timeout, bool with_file) {
    pollfd fds[3] = {
        {signals_, POLLIN, 0}, {wakeup_.fd(), POLLIN, 0}, {with_file ? watcher_.fd() : -1, POLLIN, 0}};
    poll(fds, 3, static_cast<int>(timeout.count()));
    wakeup_.clear();
    bool signalled = false;
    signalfd_siginfo info;
    while (read(signals_, &info, sizeof info) == sizeof info) signalled = true;
    return signalled;
  }

  void wait_and_follow() {
    if (wait(kFilePoll, true)) drain_wanted_ = signalled_ = true;
    if (drain_wanted_) return;
    host_.follow();
    if (watcher_.changed()) reload();
  }

  void reload() {
    const auto text = config::read_file(options_.config_file);
    if (!text) return log_.warn("configuration file cannot be read", {{"error", text.error()}});
    const std::string hash = config::hash_of(*text);
    if (hash == supervisor_.hash()) return;
    const auto outcome = supervisor_.apply(*text);
    host_.config_changed(hash, outcome.errors);
    host_.follow();
  }

  int drain() {
    supervisor_.set_draining();
    const milliseconds limit = millis(supervisor_.config()->drain_timeout());
    log_.info("draining", {{"limit_ms", limit.count()}});
    const auto begin = clock_.now();
    bool hurried =
        options_.shutdown_delay.count() > 0 && wait_until(begin + options_.shutdown_delay, nullptr);
    const auto deadline = clock_.now() + limit;
    // Connections get longer than the data, so that clients whose data is given up hear so.
    engine_.drain(limit + kLastAnswers * 5, [this] {
      drained_ = true;
      wakeup_.wake();
    });
    hurried = hurried || wait_until(deadline, &drained_);
    int code = 0;
    if (!drained_) {
      const pipeline::Abandoned left = engine_.abandon();
      // Their clients hear that they should send again.
      wait_until(clock_.now() + kLastAnswers, &drained_);
      if (left.unacknowledged + left.acknowledged > 0) {
        code = kEnvironment;
        log_.error(
            "gave up data that could not be delivered in time",
            {{"records_never_acknowledged", left.unacknowledged}, {"records_lost", left.acknowledged}});
      }
    }
    host_.stop();
    log_.info("stopped", {{"all_delivered", code == 0}, {"hurried", hurried}});
    return code;
  }

  // Until `done`, a second signal or the deadline; whether it was a signal. After the operator's drain the
  // first SIGTERM is only the kubelet that follows it.
  bool wait_until(MonotonicTime deadline, const std::atomic<bool>* done) {
    while ((done == nullptr || !*done) && clock_.now() < deadline) {
      const auto left = std::chrono::ceil<milliseconds>(deadline - clock_.now());
      if (wait(std::min(left, milliseconds(60'000)), false) && std::exchange(signalled_, true)) return true;
    }
    return false;
  }

  const Options& options_;
  Logger log_;
  const Clock& clock_;
  const std::size_t cores_;
  std::shared_ptr<const int> alive_ = std::make_shared<const int>(0);
  telemetry::Registry registry_;
  pipeline::Components components_;
  SeededRandom random_;
  std::atomic<bool> drain_wanted_{false};
  std::atomic<bool> drained_{false};  // a core may say so after the main thread has stopped waiting
  bool signalled_ = false;
  Wakeup wakeup_;
  int signals_;  // before the first thread, so that all of them inherit the mask
  config::FileWatcher watcher_;
  pipeline::Engine engine_;
  Supervisor supervisor_;
  ControlHost host_;
};

}  // namespace

int run_worker(const Options& options) {
  const SystemClock clock;
  const char* const wanted = std::getenv("OTLPIPE_LOG_FORMAT");
  const auto format = parse_log_format(wanted == nullptr ? "" : wanted, LogFormat::kJson);
  if (!format) {
    std::fprintf(stderr, "OTLPIPE_LOG_FORMAT: %s\n", format.error().to_string().c_str());
    return kWrong;
  }
  tune_allocator();
  raise_file_limit();
  const Logger log(make_fd_sink(STDERR_FILENO, *format, clock), LogLevel::kInfo);
  return Worker(options, log.named("worker"), clock).run();
}

}  // namespace otlpipe::worker::app
