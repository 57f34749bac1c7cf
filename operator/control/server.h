#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/log/logger.h"
#include "common/time/clock.h"
#include "common/tls/certificate.h"
#include "operator/control/authenticator.h"
#include "operator/control/fleet.h"

namespace otlpipe::control {

struct ServerOptions {
  std::string address = "0.0.0.0";
  std::uint16_t port = 0;  // 0: any free one
  int max_streams = 5000;  // more are told to come back later
  std::size_t max_message_bytes = std::size_t{1} << 20U;
  Duration hello_timeout = std::chrono::seconds(10);
  int authenticating_threads = 4;
  std::size_t max_waiting = 1024;  // for authentication; more are told to come back later
  // Where the certificate is put for the TLS library to watch; made inside of it, for this user alone.
  std::string temporary_folder = "/tmp";
};

// Whether this process takes workers now (it leads). Asked for each new stream; thread safe.
using Accepting = std::function<bool()>;

// The gRPC server of the control stream. Listens from start() to destruction, which ends all streams. Thread
// safe.
class ControlServer {
 public:
  // kUnavailable naming address and port when the port cannot be had.
  static Result<std::unique_ptr<ControlServer>> start(ServerOptions options, const tls::KeyPair& certificate,
                                                      Fleet& fleet, Authenticator& authenticator,
                                                      Accepting accepting, Logger logger);
  virtual ~ControlServer() = default;
  virtual std::uint16_t port() const = 0;
  // New connections see this certificate within seconds; those that are open live on.
  virtual Status use_certificate(const tls::KeyPair& certificate) = 0;
};

}  // namespace otlpipe::control
