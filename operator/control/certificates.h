#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/log/logger.h"
#include "common/time/clock.h"
#include "common/tls/certificate.h"
#include "operator/kube/client.h"

namespace otlpipe::control {

struct CertificateOptions {
  kube::ObjectKey secret;              // where they are kept
  std::vector<std::string> dns_names;  // of the control server
  std::vector<std::string> ip_addresses = {};
  std::chrono::hours ca_lifetime{24 * 3650};
  std::chrono::hours server_lifetime{24 * 90};
  // Renewed when less than this share of the lifetime is left.
  double renew_share = 1.0 / 3;
};

// What the control server shows and what workers check it by.
struct ControlCertificates {
  tls::KeyPair ca;
  tls::KeyPair server;
  // The authority and, after it changed, the one before it: what goes to the workers.
  std::string trust_pem;
};

// What to do about what was found (nothing: no Secret, or nonsense in it): the same again when all is well.
// Pure but for the random numbers inside keys.
Result<ControlCertificates> renew(const std::optional<ControlCertificates>& found,
                                  const CertificateOptions& options, WallTime now);

// The operator's own authority, kept in a Secret so that restarts and other replicas use the same one. Made
// when there is none, renewed before it ends, written again when the Secret was deleted. Needs get, create
// and update of that Secret. Thread safe.
class CertificateStore {
 public:
  CertificateStore(CertificateOptions options, kube::Client& client, const Clock& clock, Logger logger);

  // Reads, renews and writes as needed. Call it at the start and every few minutes.
  Result<ControlCertificates> refresh();
  // What workers check the server by; empty before the first success.
  std::string trust_pem() const;

 private:
  Result<std::optional<kube::ObjectPtr>> read_secret();

  const CertificateOptions options_;
  kube::Client& client_;
  const Clock& clock_;
  const Logger logger_;
  mutable std::mutex mutex_;
  std::optional<ControlCertificates> current_;
};

}  // namespace otlpipe::control
