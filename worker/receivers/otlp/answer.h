#pragma once

// What clients are told, as OTLP has it. Pure.
// Source: https://opentelemetry.io/docs/specs/otlp/ (Failures, Throttling, Bad data).

#include <string>
#include <string_view>

#include "common/base/error.h"
#include "worker/data/ack.h"
#include "worker/transport/transport.h"

namespace otlpipe::worker::receivers::otlp {

enum class BodyEncoding { kProtobuf, kJson };

// From a Content-Type, parameters and case ignored. What is no known encoding is answered in JSON, which
// people can read.
BodyEncoding answer_encoding(std::string_view content_type);

// An outcome as the answer to an Export call.
struct GrpcAnswer {
  transport::GrpcStatus status;
  std::string message;
};
GrpcAnswer grpc_answer(const data::Outcome& outcome);
transport::HttpResponse http_answer(const data::Outcome& outcome);

// A request that is refused before its data was looked at.
transport::GrpcStatus grpc_refusal(const Error& error);
transport::HttpResponse http_refusal(int status, const Error& error, BodyEncoding encoding);
int http_status_of(const Error& error);

}  // namespace otlpipe::worker::receivers::otlp
