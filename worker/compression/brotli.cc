#include <cstdlib>

#include <brotli/decode.h>
#include <brotli/encode.h>

#include "worker/compression/codecs.h"

namespace otlpipe::worker::compression {

namespace {

constexpr std::uint32_t kQuality = 3;
constexpr std::uint32_t kWindowBits = 18;
constexpr std::size_t kBlockHeader = 16;

// The library offers no way to reset an encoder or a decoder: each call makes its own.
class BrotliEncoder final : public Encoder {
 public:
  Result<Bytes> encode(std::span<const Bytes> parts) override {
    const State state(BrotliEncoderCreateInstance(nullptr, nullptr, nullptr));
    if (!state) return fail(Code::kUnavailable, "no memory to compress");
    const std::size_t total = total_size(parts);
    BrotliEncoderSetParameter(state.get(), BROTLI_PARAM_QUALITY, kQuality);
    BrotliEncoderSetParameter(state.get(), BROTLI_PARAM_LGWIN, kWindowBits);
    Buffer out(total + total / 8 + 512);
    for (const Bytes& part : parts) {
      if (!step(state.get(), BROTLI_OPERATION_PROCESS, part.view(), out)) return broken();
    }
    if (!step(state.get(), BROTLI_OPERATION_FINISH, {}, out)) return broken();
    out.resize_capacity(out.size());
    return out.take();
  }

 private:
  struct Free {
    void operator()(BrotliEncoderState* s) const { BrotliEncoderDestroyInstance(s); }
  };
  using State = std::unique_ptr<BrotliEncoderState, Free>;

  static tl::unexpected<Error> broken() { return fail(Code::kInternal, "brotli could not compress"); }

  static bool step(BrotliEncoderState* state, BrotliEncoderOperation operation, ByteView part, Buffer& out) {
    const std::uint8_t* next_in = part.data();
    std::size_t in = part.size();
    do {
      if (out.room() == 0) out.resize_capacity(2 * out.capacity());
      std::uint8_t* next_out = out.end();
      std::size_t room = out.room();
      const std::size_t before = room;
      if (!BrotliEncoderCompressStream(state, operation, &in, &next_in, &room, &next_out, nullptr))
        return false;
      out.commit(before - room);
    } while (in > 0 || BrotliEncoderHasMoreOutput(state) ||
             (operation == BROTLI_OPERATION_FINISH && !BrotliEncoderIsFinished(state)));
    return true;
  }
};

// Counts what the decoder allocates for itself: its window can be 16 MiB, which a small body may ask for.
class DecoderMemory {
 public:
  static constexpr std::size_t kMost = 20u << 20;

  static void* allocate(void* self, std::size_t size) {
    auto& memory = *static_cast<DecoderMemory*>(self);
    if (memory.used_ + size > kMost) return nullptr;
    auto* block = static_cast<std::uint8_t*>(std::malloc(size + kBlockHeader));
    if (block == nullptr) return nullptr;
    memory.used_ += size;
    std::memcpy(block, &size, sizeof(size));
    return block + kBlockHeader;
  }
  static void release(void* self, void* address) {
    if (address == nullptr) return;
    auto* block = static_cast<std::uint8_t*>(address) - kBlockHeader;
    std::size_t size = 0;
    std::memcpy(&size, block, sizeof(size));
    static_cast<DecoderMemory*>(self)->used_ -= size;
    std::free(block);
  }

 private:
  std::size_t used_ = 0;
};

class BrotliDecoder final : public Decoder {
 public:
  Result<bool> decode(ByteView input, BoundedOutput& out) override {
    DecoderMemory memory;
    const std::unique_ptr<BrotliDecoderState, decltype(&BrotliDecoderDestroyInstance)> state(
        BrotliDecoderCreateInstance(DecoderMemory::allocate, DecoderMemory::release, &memory),
        &BrotliDecoderDestroyInstance);
    if (!state) return fail(Code::kUnavailable, "no memory to decompress");
    const std::uint8_t* next_in = input.data();
    std::size_t in = input.size();
    for (;;) {
      const auto room = out.room();
      if (!room) return fail(room.error());
      std::uint8_t* next_out = room->data();
      std::size_t left = room->size();
      const BrotliDecoderResult result =
          BrotliDecoderDecompressStream(state.get(), &in, &next_in, &left, &next_out, nullptr);
      if (Status kept = out.commit(room->size() - left); !kept) return fail(kept.error());
      switch (result) {
        case BROTLI_DECODER_RESULT_SUCCESS:
          if (in > 0) return fail(bad_data("brotli", "bytes after the end"));
          return true;
        case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT:
          break;
        case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT:
          return fail(bad_data("brotli", "the data is cut short"));
        case BROTLI_DECODER_RESULT_ERROR:
          return fail(bad_data("brotli", BrotliDecoderErrorString(BrotliDecoderGetErrorCode(state.get()))));
      }
    }
  }
};

}  // namespace

std::unique_ptr<Encoder> make_brotli_encoder() {
  return std::make_unique<BrotliEncoder>();
}
std::unique_ptr<Decoder> make_brotli_decoder() {
  return std::make_unique<BrotliDecoder>();
}

}  // namespace otlpipe::worker::compression
