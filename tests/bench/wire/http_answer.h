#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace otlpipe::bench {

struct HttpAnswer {
  int status = 0;
  std::size_t body_bytes = 0;
  std::size_t bytes = 0;  // of all of it; 0: these bytes are no answer with a content-length
  bool close = false;
};

// The first answer in `bytes`; nothing while it is not complete.
std::optional<HttpAnswer> read_http_answer(std::string_view bytes);

}  // namespace otlpipe::bench
