#pragma once

#include <memory>

#include "worker/exporters/line_writer.h"
#include "worker/queue/sender.h"

namespace otlpipe::worker::exporters::file {

std::unique_ptr<queue::Sender> make_sender(std::shared_ptr<LineWriter> output);

}  // namespace otlpipe::worker::exporters::file
