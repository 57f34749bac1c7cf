#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <nghttp2/nghttp2.h>

#include "worker/transport/protocol.h"
#include "worker/transport/transport.h"

namespace otlpipe::worker::transport {

// What a stream sends as DATA: parts that are referenced, never joined.
class OutgoingBody {
 public:
  void add(Bytes part) {
    if (part.empty()) return;
    left_ += part.size();
    parts_.push_back(std::move(part));
  }
  std::size_t left() const { return left_; }
  // Moves the next `bytes` (at most left()) to `out`.
  void send(std::size_t bytes, OutputQueue& out);
  void clear() { *this = OutgoingBody(); }

 private:
  std::vector<Bytes> parts_;
  std::size_t part_ = 0;
  std::size_t offset_ = 0;
  std::size_t left_ = 0;
};

// A header that is certain to outlive its submission (nghttp2 copies nothing) or not (it copies).
nghttp2_nv static_header(std::string_view name, std::string_view value);
nghttp2_nv copied_header(std::string_view name, std::string_view value);

// Headers that come from configuration or from a handler: names become lower case, line breaks become spaces,
// because HTTP/2 peers end the stream over either.
class CleanHeaders {
 public:
  explicit CleanHeaders(const Headers& headers);
  void append_to(std::vector<nghttp2_nv>& out) const;

 private:
  Headers headers_;
};

// What a PING that only asks for a sign of life carries.
inline constexpr std::array<std::uint8_t, 8> kAlivePing = {'a', 'l', 'i', 'v', 'e', '?', '?', '?'};

struct Http2Limits {
  std::uint32_t max_concurrent_streams = 100;  // that the peer may open
  std::uint32_t stream_window = 4u << 20;
  std::uint32_t connection_window = 32u << 20;
  std::uint32_t max_frame_bytes = 256u << 10;
  std::uint32_t max_header_bytes = 64u << 10;
};

// The part of an HTTP/2 session that server and client share: nghttp2's life cycle, its callbacks as virtual
// functions, and DATA written by reference. Flow-control credit goes back as soon as a derived class has
// taken the bytes.
class Http2Session : public Protocol {
 public:
  ~Http2Session() override;
  void receive(ByteView data) override;
  void receive_end() override { peer_done_ = true; }  // nothing more to expect, but perhaps to say
  void produce(OutputQueue& out) override;
  bool wants_input() const override { return !peer_done_; }
  bool finished() const override;

 protected:
  enum class Role { kServer, kClient };
  Http2Session(Role role, const Http2Limits& limits);
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;

  nghttp2_session* session() const { return session_.get(); }
  // A provider for nghttp2_submit_*; `body` lives until on_stream_close.
  static nghttp2_data_provider provider(OutgoingBody& body);
  void fail_session(std::uint32_t http2_error);  // GOAWAY, then the end

  // All from within receive() or produce().
  virtual void on_begin_headers(const nghttp2_frame& frame) = 0;
  // False resets the stream.
  virtual bool on_header(const nghttp2_frame& frame, std::string_view name, std::string_view value) = 0;
  virtual void on_frame(const nghttp2_frame& frame) = 0;
  virtual void on_data(std::int32_t stream_id, ByteView data) = 0;
  virtual void on_frame_sent(const nghttp2_frame& frame) = 0;
  virtual void on_stream_close(std::int32_t stream_id, std::uint32_t http2_error) = 0;
  // The peer sends nothing more, but may still read: is there something that it waits for?
  virtual bool owes_answers() const = 0;
  // The last DATA of a body is about to go out. True when the derived class has submitted trailers.
  virtual bool submit_trailers(std::int32_t stream_id) = 0;

 private:
  struct Callbacks;
  friend struct Callbacks;
  struct Delete {
    void operator()(nghttp2_session* s) const { nghttp2_session_del(s); }
  };

  std::unique_ptr<nghttp2_session, Delete> session_;
  OutputQueue* out_ = nullptr;  // during produce()
  bool peer_done_ = false;
  bool broken_ = false;
};

}  // namespace otlpipe::worker::transport
