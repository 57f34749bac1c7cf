#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

struct nghttp2_hd_inflater;

namespace otlpipe::bench {

// What header blocks of one connection say, in the order of the wire. Not thread safe.
struct HeaderFacts {
  int http = 0;   // :status
  int grpc = -1;  // grpc-status; -1: not there
  std::string message;
  std::string path;      // of a request
  std::string encoding;  // of a request: grpc-encoding
};

class HeaderReader {
 public:
  HeaderReader();
  ~HeaderReader();
  HeaderReader(const HeaderReader&) = delete;
  HeaderReader& operator=(const HeaderReader&) = delete;

  // Nothing when it is not a header block.
  std::optional<HeaderFacts> read(const std::uint8_t* block, std::size_t length);

 private:
  nghttp2_hd_inflater* inflater_ = nullptr;
};

}  // namespace otlpipe::bench
