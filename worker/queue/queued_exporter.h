#pragma once

#include <memory>

#include "worker/pipeline/component.h"
#include "worker/queue/sender.h"
#include "worker/queue/shared_state.h"

namespace otlpipe::worker::queue {

// An exporter made of a Sender, a queue and retries. See README.md for what it does when.
std::shared_ptr<pipeline::Exporter> make_queued_exporter(std::shared_ptr<const ExporterShared> shared,
                                                         pipeline::CoreContext& core,
                                                         std::unique_ptr<Sender> sender);

}  // namespace otlpipe::worker::queue
