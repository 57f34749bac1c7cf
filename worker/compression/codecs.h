#pragma once

#include <memory>
#include <span>

#include "worker/compression/bounded_output.h"
#include "worker/compression/compression.h"

// One encoder and one decoder per format, each in its own file and with its own context. Contexts are made at
// first use: a worker that never sees a format pays nothing for it.
namespace otlpipe::worker::compression {

class Encoder {
 public:
  virtual ~Encoder() = default;
  virtual Result<Bytes> encode(std::span<const Bytes> parts) = 0;
};

class Decoder {
 public:
  virtual ~Decoder() = default;
  // Returns what Decompressed::plain says.
  virtual Result<bool> decode(ByteView input, BoundedOutput& out) = 0;
};

enum class DeflateFormat { kGzip, kZlib };

std::unique_ptr<Encoder> make_deflate_encoder(DeflateFormat format);
std::unique_ptr<Decoder> make_deflate_decoder(DeflateFormat format);
std::unique_ptr<Encoder> make_zstd_encoder();
std::unique_ptr<Decoder> make_zstd_decoder();
std::unique_ptr<Encoder> make_brotli_encoder();
std::unique_ptr<Decoder> make_brotli_decoder();

// Any number of gzip members, or one zlib stream, by zlib in steps: for what the fast way cannot take in one
// piece.
Status inflate_in_steps(DeflateFormat format, ByteView input, BoundedOutput& out);

inline std::size_t total_size(std::span<const Bytes> parts) {
  std::size_t total = 0;
  for (const Bytes& part : parts) total += part.size();
  return total;
}

inline Error bad_data(std::string_view format, std::string_view why) {
  return Error{
      Code::kInvalidArgument, "not a valid " + std::string(format) + " body: " + std::string(why), {}, {}};
}

}  // namespace otlpipe::worker::compression
