#pragma once

#include "common/base/result.h"
#include "worker/queue/sender.h"
#include "worker/transport/transport.h"

namespace otlpipe::worker::exporters::otlp_grpc {

// What the answer to an Export call means for the data. Pure.
// Source: https://opentelemetry.io/docs/specs/otlp/#otlpgrpc-response, Failures.
queue::SendResult interpret(const Result<transport::ClientResponse>& answer);

}  // namespace otlpipe::worker::exporters::otlp_grpc
