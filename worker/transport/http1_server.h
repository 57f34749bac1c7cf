#pragma once

#include <memory>
#include <string>

#include "worker/transport/protocol.h"
#include "worker/transport/request_body.h"

namespace otlpipe::worker::transport {

// The server side of one HTTP/1.1 connection: one request at a time, the next one (pipelined or not) is
// looked at when the one before it is answered.
std::unique_ptr<Protocol> make_http1_server_session(std::shared_ptr<ServerContext> context, Carrier& carrier,
                                                    std::string peer, MonotonicTime now);

}  // namespace otlpipe::worker::transport
