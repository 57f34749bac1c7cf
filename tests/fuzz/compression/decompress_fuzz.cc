// Scenario: any bytes as a compressed body; the first byte says in which format. Guarantees: no crash; the
// output never exceeds the limit, nor what was admitted; what comes out can be compressed and comes out
// again; what is called plain gzip is one member that zlib reads in the same way.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include <zlib.h>

#include "worker/compression/compression.h"

using namespace otlpipe;
using namespace otlpipe::worker::compression;

namespace {

bool one_member(ByteView packed, const Bytes& content) {
  std::vector<Bytef> inflated(content.size() + 1);
  z_stream stream{};
  if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) std::abort();
  stream.next_in = const_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = inflated.data();
  stream.avail_out = static_cast<uInt>(inflated.size());
  const bool ended = inflate(&stream, Z_FINISH) == Z_STREAM_END;
  const bool whole = ended && stream.avail_in == 0 && stream.total_out == content.size();
  inflateEnd(&stream);
  return whole && std::equal(inflated.begin(), inflated.end() - 1, content.data());
}

}  // namespace

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
  const Bytes& content = out->content;
  if (content.size() > admitted) std::abort();
  if (out->plain && format == Compression::kGzip && !one_member({data + 1, size - 1}, content)) std::abort();
  const auto packed = compressor->compress(format, std::vector<Bytes>{content});
  if (!packed) std::abort();
  const auto again = decompressor->decompress(format, packed->view(), kLimit, {});
  if (!again || !again->plain || as_text(again->content.view()) != as_text(content.view())) std::abort();
  return 0;
}
