#include "tests/fuzz/transport/session_input.h"

#include <array>

#include <sys/uio.h>

namespace otlpipe::worker::transport {

void SessionInput::take(Protocol& session, std::string& said) {
  OutputQueue queue;
  session.produce(queue);
  std::array<iovec, 16> pieces;
  while (!queue.empty()) {
    const std::size_t count = queue.gather(pieces.data(), pieces.size());
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < count; ++i) {
      said.append(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
      bytes += pieces[i].iov_len;
    }
    queue.consume(bytes);
  }
}

}  // namespace otlpipe::worker::transport
