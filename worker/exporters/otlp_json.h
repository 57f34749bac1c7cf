#pragma once

#include <string>

#include "common/base/result.h"
#include "worker/data/batch.h"

namespace otlpipe::worker::exporters {

// A batch as one OTLP/JSON object on one line: ids in hex, 64-bit integers as strings, enums as numbers,
// lowerCamelCase. Source: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding. kInvalidArgument
// when a text in it is not UTF-8, which JSON cannot carry.
Result<std::string> to_otlp_json(const data::Batch& batch);

}  // namespace otlpipe::worker::exporters
