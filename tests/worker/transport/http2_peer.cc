#include "tests/worker/transport/http2_peer.h"

#include <array>

#include <sys/uio.h>

namespace otlpipe::worker::transport {

std::string FrameReader::flatten(OutputQueue& queue) {
  std::string out;
  std::array<iovec, 8> pieces;
  while (!queue.empty()) {
    const std::size_t count = queue.gather(pieces.data(), pieces.size());
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < count; ++i) {
      out.append(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
      bytes += pieces[i].iov_len;
    }
    queue.consume(bytes);
  }
  return out;
}

}  // namespace otlpipe::worker::transport
