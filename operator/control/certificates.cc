#include "operator/control/certificates.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "operator/control/base64.h"
#include "operator/kube/resources.h"

namespace otlpipe::control {
namespace {

using nlohmann::json;

constexpr int kAttempts = 3;  // another replica may write at the same moment
constexpr const char* kManagedBy = "app.kubernetes.io/managed-by";
constexpr const char* kOurs = "otlpipe-operator";

bool still_good(const tls::KeyPair& pair, std::chrono::hours lifetime, double share, WallTime now) {
  const auto info = tls::read_certificate(pair.certificate_pem);
  return info && info->not_before <= now &&
         info->not_after - now > std::chrono::duration_cast<Duration>(lifetime * share);
}

bool names_match(const tls::KeyPair& pair, const CertificateOptions& options) {
  const auto sorted = [](std::vector<std::string> names) {
    std::ranges::sort(names);
    return names;
  };
  const auto info = tls::read_certificate(pair.certificate_pem);
  return info && sorted(info->dns_names) == sorted(options.dns_names) &&
         sorted(info->ip_addresses) == sorted(options.ip_addresses);
}

std::string data_of(const json& secret, const char* key) {
  const json* data = kube::find(secret, "data");
  if (data == nullptr || !data->is_object() || !data->contains(key) || !data->at(key).is_string()) {
    return "";
  }
  return base64_decode(data->at(key).get<std::string>()).value_or("");
}

std::optional<ControlCertificates> certificates_of(const json& secret) {
  ControlCertificates found{.ca = {data_of(secret, "ca.crt"), data_of(secret, "ca.key")},
                            .server = {data_of(secret, "tls.crt"), data_of(secret, "tls.key")},
                            .trust_pem = data_of(secret, "trust.crt")};
  if (!tls::check_key_pair(found.ca, found.ca.certificate_pem)) {
    return std::nullopt;
  }
  if (found.trust_pem.empty()) {
    found.trust_pem = found.ca.certificate_pem;
  }
  return found;
}

// Whether the Secret holds something that somebody else put there: a certificate of his own, say, that
// --tls-secret names. An empty one was made for us.
bool is_foreign(const json& secret) {
  const json* data = kube::find(secret, "data");
  return kube::label(secret, kManagedBy) != kOurs && data != nullptr && !data->empty();
}

json secret_of(const CertificateOptions& options, const ControlCertificates& certificates) {
  return {{"apiVersion", "v1"},
          {"kind", "Secret"},
          {"metadata",
           {{"name", options.secret.name},
            {"namespace", options.secret.ns},
            {"labels", {{kManagedBy, kOurs}, {"app.kubernetes.io/part-of", "otlpipe"}}}}},
          {"type", "kubernetes.io/tls"},
          {"data",
           {{"ca.crt", base64_encode(certificates.ca.certificate_pem)},
            {"ca.key", base64_encode(certificates.ca.key_pem)},
            {"trust.crt", base64_encode(certificates.trust_pem)},
            {"tls.crt", base64_encode(certificates.server.certificate_pem)},
            {"tls.key", base64_encode(certificates.server.key_pem)}}}};
}

bool same(const ControlCertificates& a, const ControlCertificates& b) {
  return a.ca.certificate_pem == b.ca.certificate_pem &&
         a.server.certificate_pem == b.server.certificate_pem && a.trust_pem == b.trust_pem;
}

}  // namespace

Result<ControlCertificates> renew(const std::optional<ControlCertificates>& found,
                                  const CertificateOptions& options, WallTime now) {
  ControlCertificates result;
  if (found && still_good(found->ca, options.ca_lifetime, options.renew_share, now)) {
    result = *found;
  } else {
    auto ca = tls::create_ca("otlpipe control", now, options.ca_lifetime);
    if (!ca) {
      return fail(ca.error());
    }
    result.ca = std::move(*ca);
    result.trust_pem = result.ca.certificate_pem + (found ? found->ca.certificate_pem : "");
  }
  const bool keep = tls::check_key_pair(result.server, result.ca.certificate_pem).has_value() &&
                    names_match(result.server, options) &&
                    still_good(result.server, options.server_lifetime, options.renew_share, now);
  if (!keep) {
    auto server = tls::create_server_certificate(result.ca, options.dns_names, options.ip_addresses, now,
                                                 options.server_lifetime);
    if (!server) {
      return fail(server.error());
    }
    result.server = std::move(*server);
  }
  return result;
}

CertificateStore::CertificateStore(CertificateOptions options, kube::Client& client, const Clock& clock,
                                   Logger logger)
    : options_(std::move(options)), client_(client), clock_(clock), logger_(std::move(logger)) {}

std::string CertificateStore::trust_pem() const {
  const std::lock_guard lock(mutex_);
  return current_ ? current_->trust_pem : "";
}

Result<std::optional<kube::ObjectPtr>> CertificateStore::read_secret() {
  auto secret = client_.get(kube::secrets(), options_.secret);
  if (secret) {
    return std::make_shared<const json>(std::move(*secret));
  }
  if (secret.error().code == Code::kNotFound) {
    return std::nullopt;
  }
  return fail(secret.error());
}

Result<ControlCertificates> CertificateStore::refresh() {
  for (int attempt = 1;; ++attempt) {
    const auto secret = read_secret();
    if (!secret) {
      return fail(secret.error());
    }
    std::optional<ControlCertificates> found;
    if (*secret) {
      found = certificates_of(***secret);
      if (!found && is_foreign(***secret)) {
        return fail(Code::kFailedPrecondition,
                    "the Secret exists and does not hold the operator's authority; it is not overwritten: "
                    "delete it, or name another with --tls-secret",
                    options_.secret.to_string());
      }
    }
    const bool stored = found.has_value();
    if (!stored) {
      const std::lock_guard lock(mutex_);
      found = current_;  // deleted or spoilt under us: what workers trust must not change for that
    }
    auto wanted = renew(found, options_, clock_.wall_now());
    if (!wanted) {
      return wanted;
    }
    if (!stored || !same(*found, *wanted)) {
      json object = secret_of(options_, *wanted);
      if (*secret) {
        object["type"] = (**secret)->value("type", "kubernetes.io/tls");
        object["metadata"]["resourceVersion"] = kube::resource_version(***secret);
      }
      const auto written =
          *secret ? client_.update(kube::secrets(), object) : client_.create(kube::secrets(), object);
      if (!written) {
        const Code code = written.error().code;
        if (attempt < kAttempts && (code == Code::kAborted || code == Code::kAlreadyExists)) {
          continue;
        }
        return fail(written.error());
      }
      logger_.info("control certificates written", {{"secret", options_.secret.to_string()}});
    }
    const std::lock_guard lock(mutex_);
    current_ = *wanted;
    return wanted;
  }
}

}  // namespace otlpipe::control
