#include <algorithm>
#include <limits>

#include <zlib.h>

#include "worker/compression/codecs.h"

namespace otlpipe::worker::compression {

namespace {

constexpr int kGzipWindow = 15 + 16;
constexpr int kZlibWindow = 15;

class Inflater {
 public:
  explicit Inflater(DeflateFormat format) {
    ready_ = inflateInit2(&stream_, format == DeflateFormat::kGzip ? kGzipWindow : kZlibWindow) == Z_OK;
  }
  ~Inflater() {
    if (ready_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  bool ready() const { return ready_; }
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

}  // namespace

Status inflate_in_steps(DeflateFormat format, ByteView input, BoundedOutput& out) {
  const std::string_view name = format == DeflateFormat::kGzip ? "gzip" : "deflate";
  constexpr std::size_t kMostAtOnce = std::numeric_limits<uInt>::max();
  Inflater inflater(format);
  if (!inflater.ready()) return fail(Code::kUnavailable, "no memory to decompress");
  z_stream& stream = inflater.stream();
  for (;;) {
    const auto room = out.room();
    if (!room) return fail(room.error());
    const auto in_step = static_cast<uInt>(std::min(input.size(), kMostAtOnce));
    const auto out_step = static_cast<uInt>(std::min(room->size(), kMostAtOnce));
    stream.next_in = const_cast<Bytef*>(input.data());
    stream.avail_in = in_step;
    stream.next_out = room->data();
    stream.avail_out = out_step;
    const int rv = inflate(&stream, Z_NO_FLUSH);
    input = input.subspan(in_step - stream.avail_in);
    if (Status kept = out.commit(out_step - stream.avail_out); !kept) return kept;
    if (rv == Z_STREAM_END) {
      if (input.empty()) return {};
      if (format == DeflateFormat::kZlib) return fail(bad_data(name, "bytes after the end"));
      inflateReset(&stream);  // gzip: another member
    } else if (rv != Z_OK) {
      return fail(bad_data(name, stream.msg != nullptr ? stream.msg : "the data is cut short"));
    }
  }
}

}  // namespace otlpipe::worker::compression
