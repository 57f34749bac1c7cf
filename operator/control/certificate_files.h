#pragma once

#include <string>

#include "common/base/result.h"
#include "common/tls/certificate.h"

namespace otlpipe::control {

// A private folder that holds one certificate and its key, for a library that only watches files. The folder
// goes with the object. One thread at a time.
class CertificateFiles {
 public:
  static Result<CertificateFiles> create(const std::string& parent);
  CertificateFiles(CertificateFiles&& other) noexcept;
  CertificateFiles& operator=(CertificateFiles&&) = delete;
  CertificateFiles(const CertificateFiles&) = delete;
  CertificateFiles& operator=(const CertificateFiles&) = delete;
  ~CertificateFiles();

  Status write(const tls::KeyPair& pair) const;
  std::string certificate_path() const { return folder_ + "/tls.crt"; }
  std::string key_path() const { return folder_ + "/tls.key"; }

 private:
  explicit CertificateFiles(std::string folder) : folder_(std::move(folder)) {}
  std::string folder_;
};

}  // namespace otlpipe::control
