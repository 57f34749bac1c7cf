#include "worker/compression/compression.h"

#include <array>

#include "worker/compression/codecs.h"

namespace otlpipe::worker::compression {

namespace {

constexpr std::size_t kFormats = 5;

std::unique_ptr<Encoder> make_encoder(Compression compression) {
  switch (compression) {
    case Compression::kGzip:
      return make_deflate_encoder(DeflateFormat::kGzip);
    case Compression::kDeflate:
      return make_deflate_encoder(DeflateFormat::kZlib);
    case Compression::kZstd:
      return make_zstd_encoder();
    case Compression::kBrotli:
      return make_brotli_encoder();
    case Compression::kNone:
      break;
  }
  return nullptr;
}

std::unique_ptr<Decoder> make_decoder(Compression compression) {
  switch (compression) {
    case Compression::kGzip:
      return make_deflate_decoder(DeflateFormat::kGzip);
    case Compression::kDeflate:
      return make_deflate_decoder(DeflateFormat::kZlib);
    case Compression::kZstd:
      return make_zstd_decoder();
    case Compression::kBrotli:
      return make_brotli_decoder();
    case Compression::kNone:
      break;
  }
  return nullptr;
}

class AllCompressor final : public Compressor {
 public:
  Result<Bytes> compress(Compression compression, std::span<const Bytes> parts) override {
    if (compression == Compression::kNone) return join(parts);
    auto& encoder = encoders_[static_cast<std::size_t>(compression)];
    if (!encoder) encoder = make_encoder(compression);
    return encoder->encode(parts);
  }

 private:
  static Bytes join(std::span<const Bytes> parts) {
    if (parts.empty()) return {};
    if (parts.size() == 1) return parts.front();
    Buffer buffer(total_size(parts));
    for (const Bytes& part : parts) buffer.append(part.view());
    return buffer.take();
  }

  std::array<std::unique_ptr<Encoder>, kFormats> encoders_;
};

class AllDecompressor final : public Decompressor {
 public:
  Result<Decompressed> decompress(Compression compression, ByteView input, std::size_t max_bytes,
                                  const AdmitOutput& admit) override {
    BoundedOutput out(max_bytes, admit);
    if (compression == Compression::kNone) {
      if (Status room = out.reserve(input.size()); !room) return fail(room.error());
      Buffer copy(input.size());
      copy.append(input);
      return Decompressed{copy.take(), false};
    }
    auto& decoder = decoders_[static_cast<std::size_t>(compression)];
    if (!decoder) decoder = make_decoder(compression);
    const Result<bool> plain = decoder->decode(input, out);
    if (!plain) return fail(plain.error());
    return Decompressed{out.take(), *plain};
  }

 private:
  std::array<std::unique_ptr<Decoder>, kFormats> decoders_;
};

}  // namespace

std::unique_ptr<Compressor> make_compressor() {
  return std::make_unique<AllCompressor>();
}
std::unique_ptr<Decompressor> make_decompressor() {
  return std::make_unique<AllDecompressor>();
}

}  // namespace otlpipe::worker::compression
