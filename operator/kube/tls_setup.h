#pragma once

#include <memory>
#include <mutex>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "common/base/result.h"

namespace otlpipe::kube {

struct TlsSettings {
  std::string ca_pem = {};  // empty: the system's authorities
  std::string client_cert_pem = {};
  std::string client_key_pem = {};

  bool operator==(const TlsSettings&) const = default;
};

// Why the last certificate of a server was refused: cpprestsdk reports only that a handshake failed. Thread
// safe.
class TlsVerdict {
 public:
  void set(std::string text);
  std::string take();

 private:
  std::mutex mutex_;
  std::string text_;
};

// Sets trust and identity of a context, TLS 1.2 or later. Throws what Boost throws for PEM that cannot be
// read.
void configure_tls(boost::asio::ssl::context& context, const TlsSettings& settings,
                   const std::shared_ptr<TlsVerdict>& verdict);

// The same as an error that names what is wrong, before any connection is made.
Status check_tls(const TlsSettings& settings);

}  // namespace otlpipe::kube
