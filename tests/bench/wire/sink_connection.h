#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "tests/bench/wire/body_store.h"
#include "tests/bench/wire/frames.h"
#include "tests/bench/wire/header_reader.h"
#include "tests/bench/wire/sink_totals.h"
#include "tests/bench/wire/sockets.h"

namespace otlpipe::bench {

// The server side of HTTP/2, as far as unary gRPC calls need it: takes everything as fast as it comes, counts
// it and answers with success. Large payloads are read straight to where they are kept. Not thread safe.
class SinkConnection {
 public:
  SinkConnection(Handle socket, SinkCounter& counter);

  int socket() const { return socket_.number(); }
  // Reads for a while. False when the connection is over.
  bool receive();
  // False when the connection is over.
  bool flush();
  bool wants_to_write() const { return !out_.empty(); }

 private:
  struct Request {
    HeaderFacts head;
    Body body;
    std::uint64_t bytes = 0;
  };
  static constexpr std::size_t kMaxFrame = 1u << 20;
  static constexpr std::uint32_t kWindow = 1u << 30;

  bool parse();
  bool on_frame(const FrameHead& head, const std::uint8_t* payload);
  bool on_headers(const FrameHead& head, const std::uint8_t* payload);
  std::int64_t read_payload();
  void take_payload(const std::uint8_t* data, std::size_t bytes);
  void end_payload();
  void answer(std::uint32_t stream, bool good);
  void credit(std::size_t bytes);

  Handle socket_;
  SinkCounter& counter_;
  HeaderReader headers_;
  BodyStore bodies_;
  std::unordered_map<std::uint32_t, Request> requests_;
  FrameHead data_;             // the DATA frame whose payload is being read
  std::size_t data_left_ = 0;  // of it
  bool in_data_ = false;
  std::size_t preface_left_ = kClientPreface.size();
  std::uint64_t taken_ = 0;  // since credit was given back
  std::string out_;
  std::array<std::uint8_t, 256 * 1024> in_;
  std::size_t in_size_ = 0;
};

}  // namespace otlpipe::bench
