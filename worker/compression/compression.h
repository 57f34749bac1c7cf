#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/result.h"

namespace otlpipe::worker::compression {

// What a body may be compressed with. Deflate is the zlib format (RFC 1950), as HTTP and gRPC mean it.
enum class Compression { kNone, kGzip, kDeflate, kZstd, kBrotli };

// The name in content-encoding and grpc-encoding ("identity", "gzip", "deflate", "zstd", "br").
std::string_view to_string(Compression compression);
// Names are matched without regard to case; "" is identity, "x-gzip" is gzip. Nothing for an unknown one.
std::optional<Compression> parse_compression(std::string_view name);

// A whole body in compressed form; kNone: there is none.
struct Packed {
  Compression compression = Compression::kNone;
  Bytes bytes = {};
};

// Compresses with contexts that are kept from call to call. Not thread safe: one a loop.
class Compressor {
 public:
  virtual ~Compressor() = default;
  // The parts, one after the other, as one compressed body. Levels are fixed for speed (see README.md).
  // Only kNone shares an input part; everything else is a new buffer.
  virtual Result<Bytes> compress(Compression compression, std::span<const Bytes> parts) = 0;
};

// Asked before the output buffer is grown to `total` bytes; false stops with kUnavailable.
using AdmitOutput = std::function<bool(std::size_t total)>;

struct Decompressed {
  Bytes content;
  // The input is in the form that readers of its format take (see README.md): whoever wants the content in
  // that format may be given the input as it is. Never for deflate, which nobody sends on.
  bool plain = false;
};

// Decompresses with contexts that are kept from call to call. Not thread safe: one a loop.
class Decompressor {
 public:
  virtual ~Decompressor() = default;
  // Errors: kInvalidArgument for what is not a whole stream of that format (or has bytes after it),
  // kResourceExhausted as soon as the output would pass `max_bytes`, kUnavailable when `admit` refused. The
  // output buffer never exceeds `max_bytes`, whatever the input claims.
  virtual Result<Decompressed> decompress(Compression compression, ByteView input, std::size_t max_bytes,
                                          const AdmitOutput& admit) = 0;
};

std::unique_ptr<Compressor> make_compressor();
std::unique_ptr<Decompressor> make_decompressor();

}  // namespace otlpipe::worker::compression
