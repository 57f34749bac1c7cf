#pragma once

#include <memory>

#include "worker/receivers/otlp/intake.h"
#include "worker/transport/transport.h"

namespace otlpipe::worker::receivers::otlp {

// What the listeners of the two protocols do with requests. They live on one core's loop.
std::shared_ptr<transport::ServerHandler> make_grpc_handler(Intake intake);
std::shared_ptr<transport::ServerHandler> make_http_handler(Intake intake);

}  // namespace otlpipe::worker::receivers::otlp
