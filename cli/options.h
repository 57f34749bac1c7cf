#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace otlpipe::cli {

struct ValidateOptions {
  std::vector<std::string> files;  // "-" is standard input
};

struct RunOptions {
  std::string file;
  std::map<std::string, int> ports;  // "otlp.grpc" or "metrics" -> port, 0: any free one
  std::string values;                // a folder, or ""
  std::string name;                  // which pipeline of the file, or ""
  std::string worker;                // the program, or "": the one beside this one
};

struct StatusOptions {
  std::string name;
  std::string name_space;
  bool all_namespaces = false;
  std::string kubeconfig;
  std::string context;
  bool json = false;
};

// What the arguments ask for: one of the commands, or an exit code because everything has been said.
struct Arguments {
  std::optional<ValidateOptions> validate;
  std::optional<RunOptions> run;
  std::optional<StatusOptions> status;
  int exit_code = 0;
};

// Prints help, version and one-line errors itself.
Arguments parse_arguments(int argc, char** argv);

}  // namespace otlpipe::cli
