#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace otlpipe::kube {

// A program to run to its end.
struct Command {
  std::string program;  // looked up in PATH unless it has a slash
  std::vector<std::string> arguments = {};
  std::map<std::string, std::string> environment = {};  // on top of the inherited one
  std::chrono::seconds timeout{60};
  std::size_t max_output_bytes = 1U << 20U;
};

// The parts of this machine that finding a configuration needs, so that tests can bring their own. Thread
// safe.
class Host {
 public:
  virtual ~Host() = default;
  virtual std::optional<std::string> environment(std::string_view name) const = 0;
  // kNotFound when there is no such file. Errors carry the path.
  virtual Result<std::string> read_file(const std::string& path) const = 0;
  // Standard output of a program that ends with 0; an error with the end of its standard error otherwise.
  virtual Result<std::string> run(const Command& command) const = 0;
};

class SystemHost final : public Host {
 public:
  std::optional<std::string> environment(std::string_view name) const override;
  Result<std::string> read_file(const std::string& path) const override;
  Result<std::string> run(const Command& command) const override;
};

}  // namespace otlpipe::kube
