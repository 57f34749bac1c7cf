#include "worker/data/export_response.h"

#include "worker/data/wire.h"

namespace otlpipe::worker::data {

std::string encode_protobuf(const ExportResponse& response) {
  std::string out;
  if (response.rejected == 0 && response.message.empty()) return out;
  std::string partial;
  if (response.rejected > 0) wire::append_varint_field(partial, 1, response.rejected);
  if (!response.message.empty()) wire::append_bytes_field(partial, 2, response.message);
  wire::append_bytes_field(out, 1, partial);
  return out;
}

std::optional<ExportResponse> decode_export_response(std::string_view bytes) {
  ExportResponse response;
  wire::FieldReader reader(bytes);
  wire::Field field;
  while (reader.next(field)) {
    if (field.number != 1 || field.type != wire::kLength) continue;
    wire::FieldReader partial(field.bytes);
    for (wire::Field part; partial.next(part);) {
      // A negative count makes no sense; it is read as none.
      if (part.number == 1 && part.type == wire::kVarint) {
        response.rejected = static_cast<std::int64_t>(part.value) < 0 ? 0 : part.value;
      }
      if (part.number == 2 && part.type == wire::kLength) response.message = part.bytes;
    }
    if (!partial.ok()) return std::nullopt;
  }
  if (!reader.ok()) return std::nullopt;
  return response;
}

}  // namespace otlpipe::worker::data
