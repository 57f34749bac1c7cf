#include <csignal>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "operator/app/operator.h"

namespace {

// Exit codes, docs: 0 done, 1 the input is wrong, 2 usage, 3 the environment failed.
constexpr int kEnvironment = 3;

int complain(const otlpipe::Error& error) {
  std::cerr << "otlpipe-operator: " << error.to_string() << "\n";
  return kEnvironment;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace otlpipe;  // NOLINT: this is the program
  std::optional<app::Exit> exit;
  const app::Options options = app::parse_options(argc, argv, OTLPIPE_VERSION, exit);
  if (exit) {
    (exit->code == 0 ? std::cout : std::cerr) << exit->text;
    return exit->code;
  }

  // Signals are waited for by one thread; every thread started later inherits the mask.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  const char* format_text =
      std::getenv("OTLPIPE_LOG_FORMAT");  // NOLINT(concurrency-mt-unsafe): one thread yet
  const auto format = parse_log_format(format_text == nullptr ? "" : format_text, LogFormat::kJson);
  if (!format) {
    return complain(format.error());
  }
  const SystemClock clock;
  const Logger logger(make_fd_sink(2, *format, clock), options.log_level);

  auto created = app::Operator::create(options, OTLPIPE_VERSION, logger);
  if (!created) {
    return complain(created.error());
  }
  std::stop_source stop;
  std::thread waiter([&stop, &signals] {
    int signal = 0;
    sigwait(&signals, &signal);
    stop.request_stop();
  });
  const Status ended = (*created)->run(stop.get_token());
  pthread_kill(waiter.native_handle(), SIGTERM);  // when it was not a signal that ended the run
  waiter.join();
  if (!ended) {
    const int code = complain(ended.error());
    if (ended.error().code == Code::kDeadlineExceeded) {
      std::_Exit(code);  // threads still run; nothing may be destroyed under them
    }
    return code;
  }
  logger.info("operator stopped");
  return 0;
}
