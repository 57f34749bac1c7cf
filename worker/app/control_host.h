#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "common/base/random.h"
#include "worker/app/supervisor.h"
#include "worker/control/control_client.h"

namespace otlpipe::worker::app {

// The worker as the operator's stream sees it, and the stream itself, as the configuration wants it. `follow`
// and destruction belong to the main thread.
class ControlHost final : public control::Host {
 public:
  // `on_drain` is called on the stream's thread.
  ControlHost(Supervisor& supervisor, Random& random, std::function<void()> on_change,
              std::function<void()> on_drain)
      : supervisor_(supervisor),
        random_(random),
        on_change_(std::move(on_change)),
        on_drain_(std::move(on_drain)) {}

  // Opens, changes or closes the stream as the configuration that now runs says.
  void follow();
  // A configuration came from the file.
  void config_changed(const std::string& hash, const schema::FieldErrors& errors);
  // Sends a last report and hangs up.
  void stop() { client_.reset(); }

  std::vector<control::ConfigProblem> apply_config(const std::string& hash, const std::string& json) override;
  std::string applied_hash() override { return supervisor_.hash(); }
  void fill_report(otlpipe::control::v1::Report& report) override;
  void drain() override { on_drain_(); }
  void set_log_level(LogLevel level) override { supervisor_.log().set_level(level); }

 private:
  Supervisor& supervisor_;
  Random& random_;
  std::function<void()> on_change_;
  std::function<void()> on_drain_;
  std::string settings_;  // of the stream that is open
  std::unique_ptr<control::ControlClient> client_;
};

}  // namespace otlpipe::worker::app
