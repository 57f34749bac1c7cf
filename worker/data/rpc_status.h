#pragma once

// google.rpc.Status with google.rpc.RetryInfo, as bytes: what OTLP answers failures with, and what it reads
// from others. Source:
// https://github.com/googleapis/googleapis/blob/master/google/rpc/{status,error_details}.proto. Pure.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace otlpipe::worker::data {

struct RpcStatus {
  int code = 0;
  std::string message = {};
  std::optional<std::chrono::milliseconds> retry_delay = {};  // RetryInfo, when there is one
};

std::string encode_protobuf(const RpcStatus& status);
std::string encode_json(const RpcStatus& status);

// nullopt when the bytes are not a Status. Details other than RetryInfo are skipped.
std::optional<RpcStatus> decode_rpc_status(std::string_view bytes);

}  // namespace otlpipe::worker::data
