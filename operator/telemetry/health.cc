#include "operator/telemetry/health.h"

#include "common/time/duration.h"

namespace otlpipe::telemetry {
namespace {

constexpr int kUnavailable = 503;
constexpr int kNotFound = 404;

}  // namespace

Health::Health(const Clock& clock, Duration heartbeat_patience)
    : clock_(clock), patience_(heartbeat_patience), last_beat_(clock.now()) {}

void Health::add_readiness(std::string name, Check check) {
  readiness_.emplace_back(std::move(name), std::move(check));
}

void Health::beat() {
  last_beat_ = clock_.now();
}

http::Response Health::answer(std::string_view path) const {
  if (path == "/livez" || path == "/healthz") {
    const Duration silent = clock_.now() - last_beat_.load();
    if (silent > patience_) {
      return {.status = kUnavailable,
              .body = "the main loop has been silent for " + format_duration(silent) + "\n"};
    }
    return {.body = "ok\n"};
  }
  if (path == "/readyz") {
    std::string reasons;
    for (const auto& [name, check] : readiness_) {
      if (const std::string reason = check(); !reason.empty()) {
        reasons += name + ": " + reason + "\n";
      }
    }
    return reasons.empty() ? http::Response{.body = "ok\n"}
                           : http::Response{.status = kUnavailable, .body = std::move(reasons)};
  }
  return {.status = kNotFound, .body = "not found\n"};
}

}  // namespace otlpipe::telemetry
