#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

#include "common/base/result.h"
#include "common/log/logger.h"
#include "operator/app/options.h"
#include "operator/control/authenticator.h"
#include "operator/control/certificates.h"
#include "operator/control/fleet.h"
#include "operator/control/server.h"
#include "operator/runtime/wait_clock.h"

namespace otlpipe::app {

struct ControlPlaneOptions {
  Bind bind;
  control::CertificateOptions certificates;
  Duration refresh = std::chrono::minutes(10);
  Duration retry = std::chrono::seconds(2);  // until there are certificates at all
};

// Keeps the control server and its certificates going. Thread safe.
class ControlPlane {
 public:
  // `broken` is called when it cannot go on; failure() then tells why.
  ControlPlane(ControlPlaneOptions options, kube::Client& client, runtime::WaitClock& clock,
               control::Fleet& fleet, std::unique_ptr<control::Authenticator> authenticator,
               control::Accepting accepting, std::function<void()> broken, Logger logger);
  ~ControlPlane();

  // Until `stop`.
  void run(const std::stop_token& stop);
  // Ends the server and all streams.
  void stop();

  std::string trust_pem() const { return store_.trust_pem(); }
  // Why workers cannot connect; empty: they can.
  std::string problem() const;
  Status failure() const;

 private:
  // How long until the next time.
  Duration refresh();
  Status serve(const tls::KeyPair& certificate);

  const ControlPlaneOptions options_;
  control::CertificateStore store_;
  runtime::WaitClock& clock_;
  control::Fleet& fleet_;
  const std::unique_ptr<control::Authenticator> authenticator_;
  const control::Accepting accepting_;
  const std::function<void()> broken_;
  const Logger logger_;

  mutable std::mutex mutex_;
  std::string problem_ = "not started yet";
  Status failure_;
  std::string shown_;  // the certificate that the server shows
  std::unique_ptr<control::ControlServer> server_;
};

}  // namespace otlpipe::app
