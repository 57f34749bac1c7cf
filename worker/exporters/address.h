#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace otlpipe::worker::exporters {

// A parsed URL or HOST:PORT. IPv6 addresses come in brackets and lose them here.
struct Address {
  bool tls = false;  // https://
  std::string host;
  std::uint16_t port = 0;
  std::string path;  // with the leading '/', without a trailing one; may be empty
};

// "http://host[:port][/path]", "https://…", or "host[:port]". `default_port` is for what names none; with 0
// the scheme's own (80, 443) is taken. kInvalidArgument saying what is wrong.
Result<Address> parse_address(std::string_view text, std::uint16_t default_port);

}  // namespace otlpipe::worker::exporters
