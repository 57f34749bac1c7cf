#include "common/tls/digest.h"

#include <array>

#include <openssl/sha.h>

namespace otlpipe::tls {

std::string sha256_hex(ByteView data) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(data.data(), data.size(), digest.data());
  std::string out;
  out.reserve(digest.size() * 2);
  for (const unsigned char byte : digest) {
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

}  // namespace otlpipe::tls
