#include <algorithm>
#include <array>
#include <limits>

#include <zstd.h>
#include <zstd_errors.h>

#include "worker/compression/codecs.h"

namespace otlpipe::worker::compression {

namespace {

constexpr int kLevel = 1;
constexpr int kWindowLogMax = 23;                  // 8 MiB, what RFC 9659 lets a sender ask of a receiver
constexpr std::size_t kKeptContext = 1024 * 1024;  // a context that has grown beyond this is not kept

class ZstdEncoder final : public Encoder {
 public:
  ZstdEncoder() : context_(ZSTD_createCCtx()) {}

  Result<Bytes> encode(std::span<const Bytes> parts) override {
    if (!context_) return fail(Code::kUnavailable, "no memory to compress");
    const std::size_t total = total_size(parts);
    ZSTD_CCtx_reset(context_.get(), ZSTD_reset_session_only);
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kLevel);
    ZSTD_CCtx_setPledgedSrcSize(context_.get(), total);  // receivers see the size and inflate in one go
    Buffer out(ZSTD_compressBound(total));
    for (std::size_t i = 0; i < std::max<std::size_t>(parts.size(), 1); ++i) {
      const bool last = i + 1 >= parts.size();
      ZSTD_inBuffer in{nullptr, 0, 0};
      if (i < parts.size()) in = {parts[i].data(), parts[i].size(), 0};
      std::size_t left = 0;
      do {
        ZSTD_outBuffer to{out.end(), out.room(), 0};
        left = ZSTD_compressStream2(context_.get(), &to, &in, last ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(left) != 0) {
          return fail(Code::kInternal, std::string("zstd: ") + ZSTD_getErrorName(left));
        }
        out.commit(to.pos);
      } while (in.pos < in.size || (last && left > 0));
    }
    out.resize_capacity(out.size());
    return out.take();
  }

 private:
  struct Free {
    void operator()(ZSTD_CCtx* c) const { ZSTD_freeCCtx(c); }
  };
  std::unique_ptr<ZSTD_CCtx, Free> context_;
};

// What a reader has to keep of the frame at the beginning of `input`, in bytes; the largest number when it is
// not a frame of today's format without a dictionary. Source: RFC 8878, 3.1.1.1.
std::uint64_t window_of(ByteView input) {
  constexpr auto kUnreadable = std::numeric_limits<std::uint64_t>::max();
  constexpr std::uint8_t kSingleSegment = 0x20;
  constexpr std::uint8_t kDictionary = 0x03;
  constexpr std::array<std::uint8_t, 4> kMagic = {0x28, 0xb5, 0x2f, 0xfd};
  if (input.size() < 6 || !std::equal(kMagic.begin(), kMagic.end(), input.begin())) return kUnreadable;
  const std::uint8_t descriptor = input[4];
  if ((descriptor & kDictionary) != 0) return kUnreadable;
  if ((descriptor & kSingleSegment) != 0) return ZSTD_getFrameContentSize(input.data(), input.size());
  const std::uint64_t base = std::uint64_t{1} << (10 + (input[5] >> 3));
  return base + base / 8 * (input[5] & 7);
}

class ZstdDecoder final : public Decoder {
 public:
  Result<bool> decode(ByteView input, BoundedOutput& out) override {
    if (!context_) {
      context_.reset(ZSTD_createDCtx());
      if (!context_) return fail(Code::kUnavailable, "no memory to decompress");
      ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kWindowLogMax);
    }
    const auto claimed = ZSTD_getFrameContentSize(input.data(), input.size());
    if (claimed == ZSTD_CONTENTSIZE_ERROR) return fail(bad_data("zstd", "no frame"));
    const bool single = ZSTD_findFrameCompressedSize(input.data(), input.size()) == input.size();
    if (claimed != ZSTD_CONTENTSIZE_UNKNOWN && single) {
      if (claimed > out.max_bytes()) return fail(out.over_limit());
      if (Status done = in_one_go(input, static_cast<std::size_t>(claimed), out); !done)
        return fail(done.error());
    } else {
      const Status done = in_steps(input, out);
      if (ZSTD_sizeof_DCtx(context_.get()) > kKeptContext) context_.reset();
      if (!done) return fail(done.error());
    }
    return single && window_of(input) <= (1u << kWindowLogMax);
  }

 private:
  struct Free {
    void operator()(ZSTD_DCtx* c) const { ZSTD_freeDCtx(c); }
  };

  static Status error_of(std::size_t code) { return fail(bad_data("zstd", ZSTD_getErrorName(code))); }

  Status in_one_go(ByteView input, std::size_t size, BoundedOutput& out) {
    if (Status reserved = out.reserve(size); !reserved) return reserved;
    const auto room = out.room();
    if (!room) return fail(room.error());
    const std::size_t made =
        ZSTD_decompressDCtx(context_.get(), room->data(), room->size(), input.data(), input.size());
    if (ZSTD_isError(made) != 0) return error_of(made);
    return out.commit(made);
  }

  Status in_steps(ByteView input, BoundedOutput& out) {
    ZSTD_DCtx_reset(context_.get(), ZSTD_reset_session_only);
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    for (;;) {
      const auto room = out.room();
      if (!room) return fail(room.error());
      ZSTD_outBuffer to{room->data(), room->size(), 0};
      const std::size_t left = ZSTD_decompressStream(context_.get(), &to, &in);
      if (ZSTD_isError(left) != 0) return error_of(left);
      if (Status kept = out.commit(to.pos); !kept) return kept;
      if (in.pos < in.size) continue;
      if (left == 0) return {};
      if (to.pos < to.size) return fail(bad_data("zstd", "the data is cut short"));
    }
  }

  std::unique_ptr<ZSTD_DCtx, Free> context_;
};

}  // namespace

std::unique_ptr<Encoder> make_zstd_encoder() {
  return std::make_unique<ZstdEncoder>();
}
std::unique_ptr<Decoder> make_zstd_decoder() {
  return std::make_unique<ZstdDecoder>();
}

}  // namespace otlpipe::worker::compression
