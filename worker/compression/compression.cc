#include "worker/compression/compression.h"

namespace otlpipe::worker::compression {

namespace {

class PlainCompressor final : public Compressor {
 public:
  Result<Bytes> compress(Compression compression, std::span<const Bytes>) override {
    return fail(Code::kUnimplemented,
                "compressing with " + std::string(to_string(compression)) + " is not built in yet");
  }
};

class PlainDecompressor final : public Decompressor {
 public:
  Result<Bytes> decompress(Compression compression, ByteView, std::size_t, const AdmitOutput&) override {
    return fail(Code::kUnimplemented,
                "decompressing " + std::string(to_string(compression)) + " is not built in yet");
  }
};

}  // namespace

std::unique_ptr<Compressor> make_compressor() {
  return std::make_unique<PlainCompressor>();
}
std::unique_ptr<Decompressor> make_decompressor() {
  return std::make_unique<PlainDecompressor>();
}

}  // namespace otlpipe::worker::compression
