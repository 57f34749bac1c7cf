#pragma once

#include <memory>

#include "worker/pipeline/component.h"
#include "worker/processors/batch/config.h"
#include "worker/telemetry/component_metrics.h"

namespace otlpipe::worker::processors::batch {

// One core's instance; `core` and `next` outlive it.
std::unique_ptr<pipeline::Processor> make_batch_processor(
    const Config& config, std::shared_ptr<const telemetry::ProcessorMetrics> metrics,
    pipeline::CoreContext& core, pipeline::Consumer& next);

}  // namespace otlpipe::worker::processors::batch
