#include "worker/exporters/address.h"

#include <charconv>

namespace otlpipe::worker::exporters {
namespace {

tl::unexpected<Error> bad(std::string_view text, std::string_view why) {
  return fail(Code::kInvalidArgument, "\"" + std::string(text) + "\" " + std::string(why));
}

}  // namespace

Result<Address> parse_address(std::string_view text, std::uint16_t default_port) {
  Address address;
  std::string_view rest = text;
  if (const auto scheme = rest.find("://"); scheme != std::string_view::npos) {
    const std::string_view name = rest.substr(0, scheme);
    if (name != "http" && name != "https")
      return bad(text, "has an unknown scheme, allowed are http:// and https://");
    address.tls = name == "https";
    rest.remove_prefix(scheme + 3);
  }
  if (default_port == 0) default_port = address.tls ? 443 : 80;
  if (const auto slash = rest.find('/'); slash != std::string_view::npos) {
    address.path = rest.substr(slash);
    while (!address.path.empty() && address.path.back() == '/') address.path.pop_back();
    rest = rest.substr(0, slash);
  }
  std::string_view port;
  if (!rest.empty() && rest.front() == '[') {
    const auto close = rest.find(']');
    if (close == std::string_view::npos) return bad(text, "has no ']' after its address");
    address.host = rest.substr(1, close - 1);
    rest.remove_prefix(close + 1);
    if (!rest.empty() && rest.front() != ':') return bad(text, "has something between ']' and the port");
    port = rest.empty() ? rest : rest.substr(1);
  } else {
    const auto colon = rest.find(':');
    address.host = rest.substr(0, colon);
    if (colon != std::string_view::npos) port = rest.substr(colon + 1);
  }
  if (address.host.empty()) return bad(text, "names no host");
  address.port = default_port;
  if (!port.empty()) {
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
    if (error != std::errc() || end != port.data() + port.size() || address.port == 0) {
      return bad(text, "has no port number from 1 to 65535 after the colon");
    }
  }
  return address;
}

}  // namespace otlpipe::worker::exporters
