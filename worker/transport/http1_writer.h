#pragma once

#include "worker/transport/output_queue.h"
#include "worker/transport/transport.h"

namespace otlpipe::worker::transport {

enum class Http1Connection { kDefault, kClose, kKeepAlive };  // what the Connection header says

// Heads in HTTP/1.1 syntax. Line breaks inside names and values are written as spaces, so that nothing that a
// caller passes on can begin another header.
void write_response_head(OutputQueue& out, const HttpResponse& response, WallTime date,
                         Http1Connection connection);
void write_request_head(OutputQueue& out, const ClientRequest& request, const ClientOptions& options,
                        std::string_view content_encoding, std::size_t content_length);

}  // namespace otlpipe::worker::transport
