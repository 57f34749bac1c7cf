// Scenario: any bytes, cut anywhere, as what a client sends to an HTTP/1.1 server. Guarantees: no crash, no
// run-away; what is answered is HTTP; all credit comes back; the budget holds.
#include "tests/fuzz/transport/session_input.h"
#include "worker/transport/sniffing_session.h"

using namespace otlpipe::worker::transport;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  SessionInput input({data, size});
  input.context->options.protocol = ServerProtocol::kHttp;
  const std::string said =
      input.play([&] { return make_sniffing_session(input.context, input.carrier, "peer", input.now); });
  if (!said.empty() && !said.starts_with("HTTP/1.1 ") && said[3] != 4 /* SETTINGS of HTTP/2 */) std::abort();
  return 0;
}
