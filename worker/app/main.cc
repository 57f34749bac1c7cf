#include "worker/app/options.h"
#include "worker/app/worker.h"

int main(int argc, char** argv) {
  const auto arguments = otlpipe::worker::app::parse_arguments(argc, argv);
  if (!arguments.options) return arguments.exit_code;
  return otlpipe::worker::app::run_worker(*arguments.options);
}
