// Scenario: any bytes as a compressed body; the first byte says in which format. Guarantees: no crash; the
// output never exceeds the limit, nor what was admitted; what comes out can be compressed and comes out
// again.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "worker/compression/compression.h"

using namespace otlpipe;
using namespace otlpipe::worker::compression;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kLimit = 200'000;
  constexpr std::array kFormats = {Compression::kGzip, Compression::kDeflate, Compression::kZstd,
                                   Compression::kBrotli};
  // Reused from input to input, as in a loop.
  static const auto compressor = make_compressor();
  static const auto decompressor = make_decompressor();
  if (size == 0) return 0;
  const Compression format = kFormats[data[0] % kFormats.size()];
  std::size_t admitted = 0;
  const auto out = decompressor->decompress(format, {data + 1, size - 1}, kLimit, [&](std::size_t total) {
    admitted = total;
    return total <= kLimit;
  });
  if (admitted > kLimit) std::abort();
  if (!out) return 0;
  if (out->size() > admitted) std::abort();
  const auto packed = compressor->compress(format, std::vector<Bytes>{*out});
  if (!packed) std::abort();
  const auto again = decompressor->decompress(format, packed->view(), kLimit, {});
  if (!again || as_text(again->view()) != as_text(out->view())) std::abort();
  return 0;
}
