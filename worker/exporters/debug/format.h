#pragma once

#include <string>

#include "common/base/result.h"
#include "worker/data/batch.h"

namespace otlpipe::worker::exporters::debug {

enum class Verbosity { kBasic, kNormal, kDetailed };

// The lines to print, each with its end. Pure. kInvalidArgument when the data cannot be shown.
Result<std::string> format(const data::Batch& batch, Verbosity verbosity);

}  // namespace otlpipe::worker::exporters::debug
