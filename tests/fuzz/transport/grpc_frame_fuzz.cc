// Scenario: any bytes as the DATA of a unary call, cut anywhere. Guarantees: no crash; cutting makes no
// difference; what is taken is the message that its prefix announces.
#include <cstdint>
#include <cstdlib>

#include "worker/transport/grpc_framing.h"

using namespace otlpipe;
using namespace otlpipe::worker::transport;

namespace {

struct Outcome {
  bool taken = false;
  std::string body;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome read(ByteView data, std::size_t piece) {
  GrpcMessageReader reader(BodyBuffer(nullptr, 4'096));
  for (std::size_t at = 0; at < data.size(); at += piece) {
    if (!reader.append(data.subspan(at, std::min(piece, data.size() - at)))) return {};
  }
  if (!reader.finish()) return {};
  return {true, std::string(as_text(reader.buffer().view()))};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView bytes(data + 1, size - 1);
  const Outcome whole = read(bytes, bytes.size() + 1);
  if (whole != read(bytes, 1 + data[0] % 16)) std::abort();
  if (whole.taken) {
    const auto prefix = grpc_prefix(bytes[0] == 1, static_cast<std::uint32_t>(whole.body.size()));
    if (std::string(as_text(prefix)) + whole.body != as_text(bytes)) std::abort();
  }
  const std::string text(as_text(bytes));
  if (percent_decode(percent_encode(text)) != text) std::abort();
  if (base64_decode(base64_encode(text)) != text) std::abort();
  static_cast<void>(percent_decode(text));
  static_cast<void>(base64_decode(text));
  return 0;
}
