#include "cli/options.h"

#include <cstdio>
#include <string_view>

#include <CLI/CLI.hpp>

#include "cli/exit_code.h"
#include "cli/version.h"

namespace otlpipe::cli {
namespace {

// "otlp.grpc=14317" or "metrics=0".
bool take_port(const std::string& text, std::map<std::string, int>& ports) {
  const std::size_t cut = text.rfind('=');
  if (cut == std::string::npos || cut == 0) return false;
  const std::string digits = text.substr(cut + 1);
  if (digits.empty() || digits.size() > 5 || digits.find_first_not_of("0123456789") != std::string::npos)
    return false;
  const int port = std::stoi(digits);
  ports[text.substr(0, cut)] = port;
  return port <= 65535;
}

void add_run(CLI::App& app, RunOptions& run, std::vector<std::string>& ports) {
  CLI::App* command =
      app.add_subcommand("run", "Run an OtlpPipeline on this machine, without a cluster; Ctrl-C drains");
  command->add_option("-f,--filename,FILE", run.file, "The file with the OtlpPipeline; - is standard input")
      ->required();
  command
      ->add_option("--set-port", ports,
                   "RECEIVER.PROTOCOL=PORT or metrics=PORT: listen there instead; 0 is any free port")
      ->type_name("NAME=PORT")
      ->allow_extra_args(false);
  command
      ->add_option("--values", run.values,
                   "A folder with Secrets and ConfigMaps: YAML files, or a folder for each with a file a key")
      ->type_name("DIR");
  command->add_option("--name", run.name, "Which OtlpPipeline, when the file holds several");
  command->add_option("--worker", run.worker,
                      "The otlpipe-worker to run; default: the one beside this program");
  command->footer(
      "Listens on 127.0.0.1 and prints a line for each listener when it is ready. A changed file is checked "
      "and taken over.\n"
      "Exit codes: 0 done, 1 the input is wrong, 2 usage, 3 the environment failed.");
}

void add_validate(CLI::App& app, ValidateOptions& validate) {
  CLI::App* command = app.add_subcommand("validate", "Check the OtlpPipelines of files, without a cluster");
  command
      ->add_option("-f,--filename,FILE", validate.files,
                   "A file (YAML or JSON, several documents); - is standard input")
      ->required();
  command->footer("Prints one line an error: FILE:LINE: field.path: what is wrong, what is allowed.");
}

void add_status(CLI::App& app, StatusOptions& status) {
  CLI::App* command = app.add_subcommand("status", "Show how OtlpPipelines in the cluster are doing");
  command->add_option("name", status.name, "The OtlpPipeline; default: all of the namespace");
  command->add_option("-n,--namespace", status.name_space, "The namespace; default: that of the kubeconfig");
  command->add_flag("-A,--all-namespaces", status.all_namespaces, "Those of all namespaces");
  command->add_option("--kubeconfig", status.kubeconfig, "The kubeconfig; default: as kubectl finds it");
  command->add_option("--context", status.context, "The context of the kubeconfig");
  command
      ->add_option_function<std::string>(
          "-o,--output", [&status](const std::string& format) { status.json = format == "json"; },
          "json: what the API server says, as it is")
      ->check(CLI::IsMember({"json", "text"}));
}

std::string one_line(std::string text) {
  for (char& c : text) c = c == '\n' ? ' ' : c;
  return text;
}

std::string program_name(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return name == "kubectl-otlpipe" ? "kubectl otlpipe" : "otlpipe";
}

}  // namespace

Arguments parse_arguments(int argc, char** argv) {
  const std::string name = program_name(argc > 0 ? argv[0] : "");
  CLI::App app{"Checks, runs and shows OtlpPipelines.", name};
  app.set_version_flag("--version", "otlpipe " + std::string(kVersion));
  app.require_subcommand(0, 1);
  app.fallthrough();
  RunOptions run;
  ValidateOptions validate;
  StatusOptions status;
  std::vector<std::string> ports;
  add_run(app, run, ports);
  add_validate(app, validate);
  add_status(app, status);
  Arguments arguments;
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      app.exit(error);  // help or version
    } else {
      std::fprintf(stderr, "%s: %s (see --help)\n", name.c_str(), one_line(error.what()).c_str());
      arguments.exit_code = kUsage;
    }
    return arguments;
  }
  for (const std::string& port : ports) {
    if (take_port(port, run.ports)) continue;
    std::fprintf(
        stderr, "%s: --set-port %s: write RECEIVER.PROTOCOL=PORT, such as otlp.grpc=14317, or metrics=PORT\n",
        name.c_str(), port.c_str());
    arguments.exit_code = kUsage;
    return arguments;
  }
  if (app.get_subcommands().empty()) {
    std::fprintf(stderr, "%s: a command is needed: run, validate or status (see --help)\n", name.c_str());
    arguments.exit_code = kUsage;
    return arguments;
  }
  if (app.got_subcommand("run")) arguments.run = std::move(run);
  if (app.got_subcommand("validate")) arguments.validate = std::move(validate);
  if (app.got_subcommand("status")) arguments.status = std::move(status);
  return arguments;
}

}  // namespace otlpipe::cli
