#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/base/result.h"
#include "common/log/logger.h"

namespace otlpipe::app {

// HOST:PORT to listen on; an empty host means every address.
struct Bind {
  std::string address = "0.0.0.0";
  std::uint16_t port = 0;
};

struct Options {
  std::string ns;          // watch this namespace only; empty: all
  std::string kubeconfig;  // empty: KUBECONFIG, the pod's service account, ~/.kube/config
  std::string context;
  bool leader_elect = true;
  std::string leader_elect_namespace;  // empty: the operator's own
  Bind metrics{.port = 8080};
  Bind health{.port = 8081};
  Bind control{.port = 9443};
  std::string worker_image;      // empty: that of this release
  std::string control_endpoint;  // empty: the Service otlpipe-operator in the operator's own namespace
  std::string tls_secret = "otlpipe-operator-tls";
  int reconcilers = 4;
  LogLevel log_level = LogLevel::kInfo;
};

// Ends the process: a usage error (2), --help or --version (0).
struct Exit {
  int code;
  std::string text;  // for standard output when code is 0, else for standard error
};

// Reads the command line. Nothing in `exit`: go on with the options.
Options parse_options(int argc, const char* const* argv, std::string_view version, std::optional<Exit>& exit);

// "0.0.0.0:8080", ":8080", "[::1]:8080".
Result<Bind> parse_bind(const std::string& text);

}  // namespace otlpipe::app
