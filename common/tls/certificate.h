#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/time/clock.h"

namespace otlpipe::tls {

// A certificate and its private key, both PEM (the key as PKCS#8, ECDSA P-256).
struct KeyPair {
  std::string certificate_pem;
  std::string key_pem;
};

// What one asks of a certificate before using it.
struct CertificateInfo {
  std::string subject_common_name;
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_addresses;
  WallTime not_before;
  WallTime not_after;
  bool is_ca = false;
};

// A self-signed certificate authority that may sign leaf certificates only. Valid from a minute before `now`
// (clocks differ).
Result<KeyPair> create_ca(std::string_view common_name, WallTime now, std::chrono::hours lifetime);

// A server certificate for the given DNS names and IP addresses, signed by `ca`. The first name is the common
// name.
Result<KeyPair> create_server_certificate(const KeyPair& ca, const std::vector<std::string>& dns_names,
                                          const std::vector<std::string>& ip_addresses, WallTime now,
                                          std::chrono::hours lifetime);

// Reads the first certificate of a PEM text.
Result<CertificateInfo> read_certificate(std::string_view pem);

// Whether `certificate_pem` was signed by `ca_pem` and the key belongs to the certificate. The error says
// which is not so.
Status check_key_pair(const KeyPair& pair, std::string_view ca_pem);

}  // namespace otlpipe::tls
