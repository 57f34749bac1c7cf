#pragma once

#include <memory>

#include "worker/pipeline/factory.h"

namespace otlpipe::worker::processors::batch {

std::unique_ptr<pipeline::ProcessorFactory> make_factory();

}  // namespace otlpipe::worker::processors::batch
