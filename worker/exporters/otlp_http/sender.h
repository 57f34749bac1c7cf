#pragma once

#include <memory>

#include "common/time/clock.h"
#include "worker/exporters/otlp_http/config.h"
#include "worker/queue/sender.h"

namespace otlpipe::worker::exporters::otlp_http {

// Sends over clients of `network`, one for each server that the endpoints name. `network` and `clock` must
// outlive it.
std::unique_ptr<queue::Sender> make_sender(std::shared_ptr<const Config> config, transport::Core& network,
                                           const Clock& clock);

}  // namespace otlpipe::worker::exporters::otlp_http
