#pragma once

#include <memory>

#include "worker/transport/asio_loop.h"
#include "worker/transport/transport.h"

namespace otlpipe::worker::transport {

// One peer's connections on `loop`: HTTP/2 for gRPC, HTTP/1.1 otherwise.
std::unique_ptr<Client> make_client_pool(AsioLoop& loop, const ClientOptions& options,
                                         std::shared_ptr<compression::Compressor> compressor,
                                         std::shared_ptr<compression::Decompressor> decompressor);

}  // namespace otlpipe::worker::transport
