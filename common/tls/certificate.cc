#include "common/tls/certificate.h"

#include <array>
#include <cstdint>
#include <memory>

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace otlpipe::tls {
namespace {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* p) const {
    Free(p);
  }
};
using X509Ptr = std::unique_ptr<X509, Deleter<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using BioPtr = std::unique_ptr<BIO, Deleter<BIO_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, Deleter<GENERAL_NAMES_free>>;

tl::unexpected<Error> openssl_error(Code code, std::string_view what) {
  std::array<char, 256> text{};
  const unsigned long code_number = ERR_get_error();
  ERR_error_string_n(code_number, text.data(), text.size());
  ERR_clear_error();
  std::string message(what);
  if (code_number != 0) message.append(": ").append(text.data());
  return fail(code, std::move(message));
}

std::string read_all(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

Result<X509Ptr> parse_certificate(std::string_view pem) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (!certificate) return openssl_error(Code::kInvalidArgument, "not a PEM certificate");
  return certificate;
}

Result<KeyPtr> parse_key(std::string_view pem) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  if (!key) return openssl_error(Code::kInvalidArgument, "not a PEM private key");
  return key;
}

bool add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool set_random_serial(X509* certificate) {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) return false;
  bytes[0] &= 0x7f;  // a serial number is positive
  const std::unique_ptr<BIGNUM, Deleter<BN_free>> number(BN_bin2bn(bytes.data(), bytes.size(), nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

struct Template {
  std::string_view common_name;
  WallTime now;
  std::chrono::hours lifetime;
  bool ca = false;
  std::string alternative_names = {};
};

// A certificate for a new key, signed by `issuer_key` as `issuer`, or by itself when there is no issuer.
Result<KeyPair> issue(const Template& t, X509* issuer, EVP_PKEY* issuer_key) {
  const KeyPtr key(EVP_EC_gen("P-256"));
  const X509Ptr certificate(X509_new());
  if (!key || !certificate) return openssl_error(Code::kInternal, "cannot create a key");
  X509* const c = certificate.get();
  X509_set_version(c, X509_VERSION_3);
  const auto start =
      std::chrono::floor<std::chrono::seconds>(t.now - std::chrono::minutes(1)).time_since_epoch().count();
  const auto end = std::chrono::floor<std::chrono::seconds>(t.now + t.lifetime).time_since_epoch().count();
  X509_NAME* const name = X509_get_subject_name(c);
  bool ok = set_random_serial(c) && ASN1_TIME_set(X509_getm_notBefore(c), start) != nullptr &&
            ASN1_TIME_set(X509_getm_notAfter(c), end) != nullptr && X509_set_pubkey(c, key.get()) == 1 &&
            X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                       reinterpret_cast<const unsigned char*>(t.common_name.data()),
                                       static_cast<int>(t.common_name.size()), -1, 0) == 1;
  X509* const signer = issuer != nullptr ? issuer : c;
  ok = ok && X509_set_issuer_name(c, X509_get_subject_name(signer)) == 1 &&
       add_extension(c, signer, NID_subject_key_identifier, "hash") &&
       add_extension(c, signer, NID_authority_key_identifier, "keyid") &&
       add_extension(c, signer, NID_basic_constraints,
                     t.ca ? "critical,CA:TRUE,pathlen:0" : "critical,CA:FALSE") &&
       add_extension(c, signer, NID_key_usage,
                     t.ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
  if (ok && !t.ca) {
    ok = add_extension(c, signer, NID_ext_key_usage, "serverAuth") &&
         add_extension(c, signer, NID_subject_alt_name, t.alternative_names);
  }
  if (!ok || X509_sign(c, issuer_key != nullptr ? issuer_key : key.get(), EVP_sha256()) == 0)
    return openssl_error(Code::kInternal, "cannot sign a certificate");
  const BioPtr certificate_bio(BIO_new(BIO_s_mem()));
  const BioPtr key_bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(certificate_bio.get(), c);
  PEM_write_bio_PKCS8PrivateKey(key_bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return KeyPair{read_all(certificate_bio.get()), read_all(key_bio.get())};
}

WallTime to_time(const ASN1_TIME* time) {
  std::tm parts{};
  ASN1_TIME_to_tm(time, &parts);
  return WallTime(std::chrono::seconds(timegm(&parts)));
}

std::string to_text(const ASN1_STRING* s) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(s)),
          static_cast<std::size_t>(ASN1_STRING_length(s))};
}

void read_alternative_names(X509* certificate, CertificateInfo& info) {
  const NamesPtr names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  if (!names) return;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) {
      info.dns_names.push_back(to_text(name->d.dNSName));
    } else if (name->type == GEN_IPADD) {
      std::array<char, INET6_ADDRSTRLEN> text{};
      const int family = ASN1_STRING_length(name->d.iPAddress) == 4 ? AF_INET : AF_INET6;
      if (inet_ntop(family, ASN1_STRING_get0_data(name->d.iPAddress), text.data(), text.size()) != nullptr)
        info.ip_addresses.emplace_back(text.data());
    }
  }
}

}  // namespace

Result<KeyPair> create_ca(std::string_view common_name, WallTime now, std::chrono::hours lifetime) {
  return issue({common_name, now, lifetime, true}, nullptr, nullptr);
}

Result<KeyPair> create_server_certificate(const KeyPair& ca, const std::vector<std::string>& dns_names,
                                          const std::vector<std::string>& ip_addresses, WallTime now,
                                          std::chrono::hours lifetime) {
  if (dns_names.empty() && ip_addresses.empty())
    return fail(Code::kInvalidArgument, "a server certificate needs a DNS name or an IP address");
  auto issuer = parse_certificate(ca.certificate_pem);
  if (!issuer) return fail(issuer.error().in("CA"));
  auto issuer_key = parse_key(ca.key_pem);
  if (!issuer_key) return fail(issuer_key.error().in("CA"));
  std::string alternative_names;
  const auto append = [&](std::string_view kind, const std::string& name) {
    alternative_names.append(alternative_names.empty() ? "" : ",").append(kind).append(name);
  };
  for (const std::string& name : dns_names) append("DNS:", name);
  for (const std::string& address : ip_addresses) append("IP:", address);
  // A common name holds 64 characters at most; what counts is the list of alternative names.
  const std::string common_name = (dns_names.empty() ? ip_addresses : dns_names).front().substr(0, 64);
  return issue({common_name, now, lifetime, false, alternative_names}, issuer->get(), issuer_key->get());
}

Result<CertificateInfo> read_certificate(std::string_view pem) {
  auto certificate = parse_certificate(pem);
  if (!certificate) return fail(certificate.error());
  X509* const c = certificate->get();
  CertificateInfo info;
  const int index = X509_NAME_get_index_by_NID(X509_get_subject_name(c), NID_commonName, -1);
  if (index >= 0) {
    info.subject_common_name =
        to_text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(X509_get_subject_name(c), index)));
  }
  read_alternative_names(c, info);
  info.not_before = to_time(X509_get0_notBefore(c));
  info.not_after = to_time(X509_get0_notAfter(c));
  info.is_ca = X509_check_ca(c) == 1;
  return info;
}

Status check_key_pair(const KeyPair& pair, std::string_view ca_pem) {
  auto certificate = parse_certificate(pair.certificate_pem);
  if (!certificate) return fail(certificate.error());
  auto key = parse_key(pair.key_pem);
  if (!key) return fail(key.error());
  auto ca = parse_certificate(ca_pem);
  if (!ca) return fail(ca.error().in("CA"));
  if (X509_check_private_key(certificate->get(), key->get()) != 1)
    return openssl_error(Code::kFailedPrecondition, "the private key does not belong to the certificate");
  if (X509_verify(certificate->get(), X509_get0_pubkey(ca->get())) != 1)
    return openssl_error(Code::kFailedPrecondition, "the certificate was not signed by this CA");
  return {};
}

}  // namespace otlpipe::tls
