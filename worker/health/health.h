#pragma once

#include <functional>
#include <string>

#include "common/http/server.h"
#include "common/time/clock.h"

namespace otlpipe::worker::health {

// What the probes look at. Each is called on the server's thread.
struct Probes {
  std::function<bool(Duration age)> responsive;  // every core's loop has answered within `age`
  std::function<bool()> configured;              // a configuration runs
  std::function<bool()> draining;
  std::function<std::string()> metrics;  // Prometheus' text
};

// Answers /livez, /readyz and /metrics.
http::Handler make_handler(Probes probes);

}  // namespace otlpipe::worker::health
