#pragma once

#include <memory>
#include <string>

#include "worker/transport/protocol.h"
#include "worker/transport/request_body.h"

namespace otlpipe::worker::transport {

// The server side of one HTTP/2 connection: gRPC (unary calls) or plain requests, depending on the server's
// protocol. Streams are answered in whatever order the handler answers them.
std::unique_ptr<Protocol> make_http2_server_session(std::shared_ptr<ServerContext> context, Carrier& carrier,
                                                    std::string peer, MonotonicTime now);

}  // namespace otlpipe::worker::transport
