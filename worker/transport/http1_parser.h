#pragma once

#include <memory>

#include "worker/transport/transport.h"

namespace otlpipe::worker::transport {

// The head of an HTTP/1 message. `method` and `target` are a request's, `status` is a response's.
struct Http1Head {
  std::string method;
  std::string target;
  int status = 0;
  bool version_11 = true;
  bool keep_alive = true;
  bool chunked = false;
  Headers headers;  // names lower case
};

// What a parser finds, in order. Called from within feed().
class Http1Events {
 public:
  virtual ~Http1Events() = default;
  virtual void on_head(Http1Head head) = 0;
  virtual void on_body(ByteView data) = 0;
  virtual void on_complete() = 0;
};

// Parses HTTP/1 messages one at a time from bytes as they come in (the work is Boost.Beast's). Conflicting or
// repeated lengths are errors, so that no proxy in front sees other message borders than this parser. Not
// thread safe.
class Http1Parser {
 public:
  enum class Kind { kRequest, kResponse };
  Http1Parser(Kind kind, std::size_t max_header_bytes, Http1Events& events);
  ~Http1Parser();
  Http1Parser(const Http1Parser&) = delete;
  Http1Parser& operator=(const Http1Parser&) = delete;

  // Parses as far as the current message goes. Returns how many bytes were used: what is left belongs to the
  // next message, or has to be given again together with more (a piece of a head or of a chunk's size line).
  // kResourceExhausted: the head is over the limit. kInvalidArgument: not HTTP/1.
  Result<std::size_t> feed(ByteView data);
  // A response without a length ends with the connection. False when the message is cut short.
  bool end();
  bool started() const;  // some bytes of the current message were used
  void next();           // after on_complete: expect another message

 private:
  class Impl;
  template <bool kIsRequest>
  class Typed;
  std::unique_ptr<Impl> impl_;
};

}  // namespace otlpipe::worker::transport
