#pragma once

#include <string>

#include "common/base/bytes.h"

namespace otlpipe::tls {

// SHA-256 in lower-case hex (64 characters).
std::string sha256_hex(ByteView data);
inline std::string sha256_hex(std::string_view text) {
  return sha256_hex(as_bytes(text));
}

}  // namespace otlpipe::tls
