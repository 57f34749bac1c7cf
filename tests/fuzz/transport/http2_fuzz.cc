// Scenario: any bytes, cut anywhere, after HTTP/2's preface to a gRPC server. Guarantees: no crash, no
// run-away; all credit comes back; the budget holds.
#include "tests/fuzz/transport/session_input.h"
#include "worker/transport/http2_server.h"

using namespace otlpipe::worker::transport;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  SessionInput input({data, size});
  input.play([&] {
    auto session = make_http2_server_session(input.context, input.carrier, "peer", input.now);
    session->receive(otlpipe::as_bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
    return session;
  });
  return 0;
}
