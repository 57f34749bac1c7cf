#include "operator/kube/tls_setup.h"

#include <utility>

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

namespace otlpipe::kube {
namespace {

namespace ssl = boost::asio::ssl;
using VerdictPtr = std::shared_ptr<TlsVerdict>;

void free_verdict(void*, void* held, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<VerdictPtr*>(held);
}

int verdict_slot() {
  static const int slot = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_verdict);
  return slot;
}

// Runs in place of OpenSSL's own check, calls exactly that (which calls cpprestsdk's host name check for each
// certificate) and keeps the reason.
int verify_and_remember(X509_STORE_CTX* store, void*) {
  const int ok = X509_verify_cert(store);
  const auto* session =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const auto* verdict =
      static_cast<VerdictPtr*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(session), verdict_slot()));
  if (ok <= 0 && verdict != nullptr) {
    const int error = X509_STORE_CTX_get_error(store);
    // The chain was fine, so it was the host name check that refused.
    (*verdict)->set(error == X509_V_OK || error == X509_V_ERR_UNSPECIFIED
                        ? "the server's certificate is not valid for this host name"
                        : X509_verify_cert_error_string(error));
  }
  return ok;
}

// Only the given authorities: what the system trusts is not to be trusted for this cluster.
void trust_only(ssl::context& context, const std::string& ca_pem) {
  SSL_CTX_set_cert_store(context.native_handle(), X509_STORE_new());
  context.add_certificate_authority(boost::asio::buffer(ca_pem));
}

}  // namespace

void TlsVerdict::set(std::string text) {
  const std::lock_guard lock(mutex_);
  text_ = std::move(text);
}

std::string TlsVerdict::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(text_, {});
}

void configure_tls(ssl::context& context, const TlsSettings& settings, const VerdictPtr& verdict) {
  SSL_CTX* native = context.native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  if (!settings.ca_pem.empty()) trust_only(context, settings.ca_pem);
  if (!settings.client_cert_pem.empty()) {
    context.use_certificate_chain(boost::asio::buffer(settings.client_cert_pem));
    context.use_private_key(boost::asio::buffer(settings.client_key_pem), ssl::context::pem);
  }
  if (verdict) {
    SSL_CTX_set_ex_data(native, verdict_slot(), new VerdictPtr(verdict));
    SSL_CTX_set_cert_verify_callback(native, verify_and_remember, nullptr);
  }
}

Status check_tls(const TlsSettings& settings) {
  const auto attempt = [](const TlsSettings& part, const char* what) -> Status {
    try {
      ssl::context context(ssl::context::tls_client);
      configure_tls(context, part, nullptr);
      return {};
    } catch (const std::exception& e) {
      return fail(Code::kInvalidArgument, std::string(what) + " cannot be used: " + e.what());
    }
  };
  if (auto ca = attempt({.ca_pem = settings.ca_pem}, "the cluster's certificate authority"); !ca) return ca;
  return attempt({.client_cert_pem = settings.client_cert_pem, .client_key_pem = settings.client_key_pem},
                 "the client certificate or its key");
}

}  // namespace otlpipe::kube
