#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/time/clock.h"
#include "operator/kube/client.h"
#include "operator/kube/config.h"

namespace otlpipe::kube {

struct RestClientOptions {
  std::chrono::milliseconds request_timeout{15000};  // of everything but a watch
  double requests_per_second = 20;  // steady rate of this process; 0: no limit. Watches count when opened
  int burst = 40;
  std::size_t max_response_bytes = 64U << 20U;
  std::size_t max_event_bytes = 4U << 20U;  // a longer watch event ends the watch with kDataLoss
  std::string user_agent = "otlpipe";
};

// The client of a real API server, over cpprestsdk, with certificate and host name checks as the
// configuration says. Connections are reused; new credentials take effect with the next request. Fails only
// when the configuration cannot be used at all (a broken certificate, no https); an unreachable server shows
// at the first call.
Result<std::unique_ptr<Client>> make_rest_client(ClusterConfig config, RestClientOptions options);

}  // namespace otlpipe::kube
