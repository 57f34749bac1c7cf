#pragma once

#include "worker/pipeline/factory.h"

namespace otlpipe::worker::app {

// Every component of this build. A new one is added here and nowhere else.
pipeline::Components all_components();

}  // namespace otlpipe::worker::app
