// Any bytes as the answer of a backend.

#include <cstdint>
#include <string_view>

#include "worker/data/export_response.h"
#include "worker/data/rpc_status.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace otlpipe::worker::data;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto status = decode_rpc_status(bytes)) {
    if (status->retry_delay && status->retry_delay->count() < 0) __builtin_trap();
    const auto again = decode_rpc_status(encode_protobuf(*status));
    if (!again || again->message != status->message) __builtin_trap();
    encode_json(*status);
  }
  if (const auto response = decode_export_response(bytes)) {
    const auto again = decode_export_response(encode_protobuf(*response));
    if (!again || again->rejected != response->rejected) __builtin_trap();
  }
  return 0;
}
