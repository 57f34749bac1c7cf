#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/http/server.h"
#include "common/time/clock.h"

namespace otlpipe::telemetry {

// Whether the process lives and can do its work. Thread safe; checks are added before it is asked.
class Health {
 public:
  // The reason why not; empty: it can.
  using Check = std::function<std::string()>;

  Health(const Clock& clock, Duration heartbeat_patience);
  void add_readiness(std::string name, Check check);
  // Called again and again by a loop that must not hang.
  void beat();

  // "/livez", "/readyz", with the reasons in the body; 404 for anything else.
  http::Response answer(std::string_view path) const;

 private:
  const Clock& clock_;
  const Duration patience_;
  std::atomic<MonotonicTime> last_beat_;
  std::vector<std::pair<std::string, Check>> readiness_;
};

}  // namespace otlpipe::telemetry
