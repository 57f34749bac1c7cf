#pragma once

#include <memory>

#include "worker/exporters/debug/format.h"
#include "worker/exporters/line_writer.h"
#include "worker/queue/sender.h"

namespace otlpipe::worker::exporters::debug {

std::unique_ptr<queue::Sender> make_sender(Verbosity verbosity, std::shared_ptr<LineWriter> output);

}  // namespace otlpipe::worker::exporters::debug
