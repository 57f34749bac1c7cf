#include <algorithm>

#include <libdeflate.h>

#include "worker/compression/codecs.h"

namespace otlpipe::worker::compression {

namespace {

constexpr std::size_t kMostExpansion = 1032;  // what deflate can do at best
constexpr std::size_t kUsualExpansion = 8;    // what telemetry does
constexpr std::size_t kSmallest = 4096;
constexpr std::size_t kGzipFlags = 3;  // where a member's header says that it has a name, a comment and such

// libdeflate inflates a whole stream at once into a buffer of known size, several times faster than zlib.
// gzip tells the size in its trailer (mod 2^32, of the last member); it is believed as far as the limit and
// the input allow, and when it was wrong, or there are more members, zlib goes through it in steps.
class DeflateDecoder final : public Decoder {
 public:
  explicit DeflateDecoder(DeflateFormat format) : format_(format), handle_(libdeflate_alloc_decompressor()) {}

  Result<bool> decode(ByteView input, BoundedOutput& out) override {
    if (!handle_) return fail(Code::kUnavailable, "no memory to decompress");
    const std::size_t expected = expected_size(input, out.max_bytes());
    if (expected > out.max_bytes()) return fail(out.over_limit());
    if (Status reserved = out.reserve(expected); !reserved) {
      if (format_ == DeflateFormat::kGzip) return fail(reserved.error());
      return in_steps(input, out);  // it was only a guess
    }
    const auto room = out.room();
    if (!room) return fail(room.error());
    std::size_t used = 0;
    std::size_t made = 0;
    const auto call =
        format_ == DeflateFormat::kGzip ? libdeflate_gzip_decompress_ex : libdeflate_zlib_decompress_ex;
    const libdeflate_result result =
        call(handle_.get(), input.data(), input.size(), room->data(), room->size(), &used, &made);
    if (result == LIBDEFLATE_SUCCESS && used == input.size()) {
      if (Status kept = out.commit(made); !kept) return fail(kept.error());
      return format_ == DeflateFormat::kGzip && input[kGzipFlags] == 0;
    }
    if (result == LIBDEFLATE_BAD_DATA) return fail(bad_data(name(), "the data is corrupt or cut short"));
    return in_steps(input, out);
  }

 private:
  struct Free {
    void operator()(libdeflate_decompressor* d) const { libdeflate_free_decompressor(d); }
  };

  Result<bool> in_steps(ByteView input, BoundedOutput& out) const {
    out.start_small();
    if (Status done = inflate_in_steps(format_, input, out); !done) return fail(done.error());
    return false;
  }

  std::string_view name() const { return format_ == DeflateFormat::kGzip ? "gzip" : "deflate"; }

  std::size_t expected_size(ByteView input, std::size_t limit) const {
    if (format_ == DeflateFormat::kZlib) {
      return std::min(std::max(input.size(), kSmallest / kUsualExpansion) * kUsualExpansion, limit);
    }
    if (input.size() < 18) return 1;  // no whole member: header 10, trailer 8
    const auto* trailer = input.data() + input.size() - 4;
    const std::size_t claimed = std::size_t{trailer[0]} | (std::size_t{trailer[1]} << 8) |
                                (std::size_t{trailer[2]} << 16) | (std::size_t{trailer[3]} << 24);
    return std::clamp<std::size_t>(claimed, 1, input.size() * kMostExpansion);
  }

  DeflateFormat format_;
  std::unique_ptr<libdeflate_decompressor, Free> handle_;
};

}  // namespace

std::unique_ptr<Decoder> make_deflate_decoder(DeflateFormat format) {
  return std::make_unique<DeflateDecoder>(format);
}

}  // namespace otlpipe::worker::compression
