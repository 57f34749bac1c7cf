#pragma once

#include <memory>

#include "worker/exporters/otlp_grpc/config.h"
#include "worker/queue/sender.h"

namespace otlpipe::worker::exporters::otlp_grpc {

// Sends over `client`.
std::unique_ptr<queue::Sender> make_sender(std::shared_ptr<const Config> config,
                                           std::unique_ptr<transport::Client> client);

}  // namespace otlpipe::worker::exporters::otlp_grpc
