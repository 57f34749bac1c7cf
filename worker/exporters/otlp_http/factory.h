#pragma once

#include <memory>

#include "worker/pipeline/factory.h"

namespace otlpipe::worker::exporters::otlp_http {

std::unique_ptr<pipeline::ExporterFactory> make_factory();

}  // namespace otlpipe::worker::exporters::otlp_http
