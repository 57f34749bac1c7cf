#pragma once

#include <memory>

#include "worker/transport/asio_loop.h"
#include "worker/transport/transport.h"

namespace otlpipe::worker::transport {

// A listening socket on `loop` and its connections.
Result<std::unique_ptr<Server>> make_asio_server(AsioLoop& loop, const ServerOptions& options,
                                                 std::shared_ptr<ServerHandler> handler,
                                                 std::shared_ptr<MemoryBudget> budget,
                                                 std::shared_ptr<compression::Decompressor> decompressor,
                                                 const Clock& clock);

}  // namespace otlpipe::worker::transport
