// Any bytes as a request: the scan must end, and what it accepts must be one that can be indexed and cut,
// each piece again a request with the records it claims. The first byte chooses signal and limits.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "worker/data/index.h"
#include "worker/data/scan.h"
#include "worker/data/split.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace otlpipe;
  using namespace otlpipe::worker;
  if (size == 0) return 0;
  const Signal signal = kAllSignals[data[0] % kSignalCount];
  const data::Limits limits{static_cast<std::uint64_t>(data[0] >> 6),
                            static_cast<std::size_t>(data[0] >> 4 & 3) * 40};
  const Bytes request = Bytes::from(std::string(reinterpret_cast<const char*>(data) + 1, size - 1));
  const auto counts = data::scan(signal, request.view());
  if (!counts) return 0;
  require(data::build_index(signal, request.view()).records == counts->records);
  std::uint64_t records = 0;
  for (const data::Piece& piece : data::split(signal, request, counts->records, limits)) {
    std::string text;
    for (const Bytes& chunk : piece.chunks) text.append(as_text(chunk.view()));
    require(text.size() == piece.bytes);
    const auto again = data::scan(signal, as_bytes(text));
    require(again.has_value() && again->records == piece.records);
    require(limits.records == 0 || piece.records <= limits.records);
    require(limits.bytes == 0 || piece.bytes <= limits.bytes || piece.records <= 1);
    records += piece.records;
  }
  require(records == counts->records);
  return 0;
}
