#pragma once

#include <memory>
#include <string>

#include "worker/transport/protocol.h"
#include "worker/transport/request_body.h"

namespace otlpipe::worker::transport {

// A connection of a kHttp server: looks at the first bytes and becomes HTTP/2 when they are its preface ("PRI
// * …", which is no HTTP/1 method), HTTP/1.1 otherwise.
std::unique_ptr<Protocol> make_sniffing_session(std::shared_ptr<ServerContext> context, Carrier& carrier,
                                                std::string peer, MonotonicTime now);

}  // namespace otlpipe::worker::transport
