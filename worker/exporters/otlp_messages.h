#pragma once

#include <memory>

#include "common/base/result.h"
#include "worker/data/batch.h"

namespace google::protobuf {
class Message;
}

namespace otlpipe::worker::exporters {

// A batch as an Export{Trace,Metrics,Logs}ServiceRequest, for exporters that have to look inside.
// kInvalidArgument when Protobuf refuses it, which after `scan` means that a text is not UTF-8.
Result<std::unique_ptr<google::protobuf::Message>> parse_otlp(const data::Batch& batch);

}  // namespace otlpipe::worker::exporters
