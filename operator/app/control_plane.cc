#include "operator/app/control_plane.h"

#include <utility>

#include "operator/runtime/wait_clock.h"

namespace otlpipe::app {

ControlPlane::ControlPlane(ControlPlaneOptions options, kube::Client& client, runtime::WaitClock& clock,
                           control::Fleet& fleet, std::unique_ptr<control::Authenticator> authenticator,
                           control::Accepting accepting, std::function<void()> broken, Logger logger)
    : options_(std::move(options)),
      store_(options_.certificates, client, clock, logger),
      clock_(clock),
      fleet_(fleet),
      authenticator_(std::move(authenticator)),
      accepting_(std::move(accepting)),
      broken_(std::move(broken)),
      logger_(std::move(logger)) {}

ControlPlane::~ControlPlane() {
  stop();
}

void ControlPlane::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const Duration wait = refresh();
    if (!runtime::pause(clock_, wait, stop)) {
      return;
    }
  }
}

void ControlPlane::stop() {
  std::unique_ptr<control::ControlServer> server;
  {
    const std::lock_guard lock(mutex_);
    server = std::move(server_);
    problem_ = "stopped";
  }
}

std::string ControlPlane::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

Status ControlPlane::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

Duration ControlPlane::refresh() {
  const auto certificates = store_.refresh();
  if (!certificates) {
    logger_.warn("no control certificates",
                 {{"secret", options_.certificates.secret.to_string()}, {"error", certificates.error()}});
    const std::lock_guard lock(mutex_);
    if (!server_) {
      problem_ = certificates.error().to_string();
    }
    return options_.retry;
  }
  if (const Status served = serve(certificates->server); !served) {
    const std::lock_guard lock(mutex_);
    problem_ = served.error().to_string();
    failure_ = served;
    broken_();
  }
  return options_.refresh;
}

Status ControlPlane::serve(const tls::KeyPair& certificate) {
  const std::lock_guard lock(mutex_);
  if (server_) {
    if (shown_ == certificate.certificate_pem) {
      return {};
    }
    logger_.info("the control server shows a new certificate");
    shown_ = certificate.certificate_pem;
    return server_->use_certificate(certificate);
  }
  auto server = control::ControlServer::start({.address = options_.bind.address, .port = options_.bind.port},
                                              certificate, fleet_, *authenticator_, accepting_, logger_);
  if (!server) {
    return fail(server.error().in("--control-bind"));
  }
  server_ = std::move(*server);
  shown_ = certificate.certificate_pem;
  problem_.clear();
  logger_.info("control stream served", {{"port", server_->port()}});
  return {};
}

}  // namespace otlpipe::app
