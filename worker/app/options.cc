#include "worker/app/options.h"

#include <CLI/CLI.hpp>

#include "common/time/duration.h"
#include "worker/app/version.h"

namespace otlpipe::worker::app {
namespace {
constexpr int kUsage = 2;
}

ParsedArguments parse_arguments(int argc, char** argv) {
  CLI::App app{
      "Receives, processes and exports OTLP. Reads its configuration from a file, takes changes over while "
      "it "
      "runs, and drains on SIGTERM.",
      "otlpipe-worker"};
  Options options;
  std::string delay = "0s";
  app.add_option("--config", options.config_file, "The configuration: a WorkerConfig as JSON")->required();
  app.add_option("--config-name", options.config_name,
                 "What errors call the configuration; default: the path of the file");
  app.add_option("--cores", options.cores, "Event loops to run; default: the CPU limit of the container");
  app.add_option("--shutdown-delay", delay,
                 "How long to go on accepting after SIGTERM, not ready, before draining")
      ->capture_default_str();
  app.set_version_flag("--version", std::string("otlpipe-worker ") + kVersion);
  app.footer(
      "OTLPIPE_LOG_FORMAT=json|text sets the format of the log on standard error.\n"
      "Exit codes: 0 done, 1 the configuration is wrong, 2 usage, 3 the environment failed or data was given "
      "up.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const int code = app.exit(e);
    return {std::nullopt, code == 0 ? 0 : kUsage};
  }
  if (options.config_name.empty()) options.config_name = options.config_file;
  const auto parsed = parse_duration(delay);
  if (!parsed) {
    std::fprintf(stderr, "--shutdown-delay: %s\n", parsed.error().to_string().c_str());
    return {std::nullopt, kUsage};
  }
  options.shutdown_delay = std::chrono::duration_cast<std::chrono::milliseconds>(*parsed);
  return {options, 0};
}

}  // namespace otlpipe::worker::app
