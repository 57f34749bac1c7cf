#include "worker/health/health.h"

#include <utility>

namespace otlpipe::worker::health {
namespace {

constexpr std::chrono::seconds kLive{30};
constexpr std::chrono::seconds kReady{5};

http::Response healthy() {
  return {200, "text/plain; charset=utf-8", "ok\n"};
}
http::Response unhealthy(std::string reason) {
  return {503, "text/plain; charset=utf-8", std::move(reason) + "\n"};
}

http::Response ready(const Probes& probes) {
  if (probes.draining()) return unhealthy("draining");
  if (!probes.configured()) return unhealthy("no configuration runs yet");
  if (!probes.responsive(kReady)) return unhealthy("an event loop does not answer");
  return healthy();
}

}  // namespace

http::Handler make_handler(Probes probes) {
  return [probes = std::move(probes)](std::string_view path) -> http::Response {
    if (path == "/livez")
      return probes.responsive(kLive) ? healthy() : unhealthy("an event loop does not answer");
    if (path == "/readyz") return ready(probes);
    if (path == "/metrics") return {200, "text/plain; version=0.0.4; charset=utf-8", probes.metrics()};
    return {404, "text/plain; charset=utf-8", "there are /livez, /readyz and /metrics\n"};
  };
}

}  // namespace otlpipe::worker::health
