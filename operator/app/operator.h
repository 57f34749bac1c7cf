#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>

#include "common/base/result.h"
#include "common/log/logger.h"
#include "operator/app/options.h"

namespace otlpipe::app {

// The whole operator, put together: client, caches, controller, control server, metrics, health.
class Operator {
 public:
  // Fails when the environment does not let it run: a kubeconfig that cannot be used, a port that is taken.
  // An API server that does not answer is not such a failure.
  static Result<std::unique_ptr<Operator>> create(const Options& options, std::string_view version,
                                                  Logger logger);
  virtual ~Operator() = default;

  // Where metrics and health are really served, when the options left the port open.
  struct Ports {
    std::uint16_t metrics;
    std::uint16_t health;
  };
  virtual Ports ports() const = 0;

  // Blocks until `stop`, or until it cannot go on (leadership lost, the control port taken).
  virtual Status run(std::stop_token stop) = 0;
};

}  // namespace otlpipe::app
