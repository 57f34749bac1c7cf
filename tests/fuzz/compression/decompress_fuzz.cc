// Scenario: any bytes as a compressed body; the first byte says in which format. Guarantees: no crash; the
// output never exceeds the limit, nor what was admitted; what comes out can be compressed and comes out
// again; plain gzip is read by zlib in the same way or, since libdeflate takes some codes that nobody writes,
// not at all; deflate that zlib reads is read in the same way as a gzip member, and plain.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include <zlib.h>

#include "worker/compression/compression.h"

using namespace otlpipe;
using namespace otlpipe::worker::compression;

namespace {

constexpr std::size_t kLimit = 200'000;

enum class Wrapping { kRaw = -MAX_WBITS, kGzip = 16 + MAX_WBITS };

// What zlib makes of it as one stream that ends with the input; nothing when it refuses it or it is longer
// than the limit.
std::optional<std::string> by_zlib(ByteView packed, Wrapping wrapping) {
  std::string out(kLimit, '\0');
  z_stream stream{};
  if (inflateInit2(&stream, static_cast<int>(wrapping)) != Z_OK) std::abort();
  stream.next_in = const_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool whole = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_in == 0;
  out.resize(stream.total_out);
  inflateEnd(&stream);
  if (!whole) return std::nullopt;
  return out;
}

// The input as the inside of a gzip member whose trailer is right, which no mutation would hit.
void wrapped_as_gzip(Decompressor& decompressor, ByteView raw) {
  const auto content = by_zlib(raw, Wrapping::kRaw);
  if (!content) return;
  std::string member("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);
  member += as_text(raw);
  const auto bytes = reinterpret_cast<const Bytef*>(content->data());
  for (const std::uint64_t word :
       {std::uint64_t{crc32(0, bytes, static_cast<uInt>(content->size()))}, std::uint64_t{content->size()}}) {
    for (int shift = 0; shift < 32; shift += 8) member += static_cast<char>(word >> shift);
  }
  const auto out = decompressor.decompress(Compression::kGzip, as_bytes(member), kLimit, {});
  if (!out || !out->plain || as_text(out->content.view()) != *content) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array kFormats = {Compression::kGzip, Compression::kDeflate, Compression::kZstd,
                                   Compression::kBrotli};
  // Reused from input to input, as in a loop.
  static const auto compressor = make_compressor();
  static const auto decompressor = make_decompressor();
  if (size == 0) return 0;
  const Compression format = kFormats[data[0] % kFormats.size()];
  if (format == Compression::kGzip) wrapped_as_gzip(*decompressor, {data + 1, size - 1});
  std::size_t admitted = 0;
  const auto out = decompressor->decompress(format, {data + 1, size - 1}, kLimit, [&](std::size_t total) {
    admitted = total;
    return total <= kLimit;
  });
  if (admitted > kLimit) std::abort();
  if (!out) return 0;
  const Bytes& content = out->content;
  if (content.size() > admitted) std::abort();
  if (out->plain && format == Compression::kGzip) {
    const auto other = by_zlib({data + 1, size - 1}, Wrapping::kGzip);
    if (other && *other != as_text(content.view())) std::abort();
  }
  const auto packed = compressor->compress(format, std::vector<Bytes>{content});
  if (!packed) std::abort();
  const auto again = decompressor->decompress(format, packed->view(), kLimit, {});
  if (!again || as_text(again->content.view()) != as_text(content.view())) std::abort();
  return 0;
}
