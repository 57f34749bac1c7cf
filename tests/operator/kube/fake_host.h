#pragma once

#include <map>
#include <vector>

#include "operator/kube/host.h"

namespace otlpipe::kube::testing {

// A machine in memory. Not thread safe.
class FakeHost final : public Host {
 public:
  std::map<std::string, std::string> variables;
  std::map<std::string, std::string> files;
  Result<std::string> output = fail(Code::kNotFound, "cannot start the program: No such file or directory");
  mutable std::vector<Command> runs;

  std::optional<std::string> environment(std::string_view name) const override {
    const auto it = variables.find(std::string(name));
    return it == variables.end() ? std::nullopt : std::optional(it->second);
  }
  Result<std::string> read_file(const std::string& path) const override {
    const auto it = files.find(path);
    if (it == files.end())
      return fail(Code::kNotFound, "cannot read the file: No such file or directory", path);
    return it->second;
  }
  Result<std::string> run(const Command& command) const override {
    runs.push_back(command);
    return output;
  }
};

}  // namespace otlpipe::kube::testing
