#include "cli/options.h"
#include "cli/run.h"
#include "cli/status.h"
#include "cli/validate.h"

int main(int argc, char** argv) {
  const otlpipe::cli::Arguments arguments = otlpipe::cli::parse_arguments(argc, argv);
  if (arguments.run) return otlpipe::cli::run(*arguments.run);
  if (arguments.validate) return otlpipe::cli::validate(*arguments.validate);
  if (arguments.status) return otlpipe::cli::status(*arguments.status);
  return arguments.exit_code;
}
