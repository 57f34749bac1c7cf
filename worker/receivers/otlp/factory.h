#pragma once

#include <memory>

#include "worker/pipeline/factory.h"

namespace otlpipe::worker::receivers::otlp {

std::unique_ptr<pipeline::ReceiverFactory> make_factory();

}  // namespace otlpipe::worker::receivers::otlp
