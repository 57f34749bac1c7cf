#pragma once

// Export{Trace,Metrics,Logs}ServiceResponse: the three have the same form on the wire,
// {partial_success = 1: {rejected_… = 1, error_message = 2}}. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace otlpipe::worker::data {

struct ExportResponse {
  std::uint64_t rejected = 0;
  std::string message = {};
};

// Full success is the empty message: OTLP wants partial_success unset then.
std::string encode_protobuf(const ExportResponse& response);

// nullopt when the bytes are not such a message.
std::optional<ExportResponse> decode_export_response(std::string_view bytes);

}  // namespace otlpipe::worker::data
