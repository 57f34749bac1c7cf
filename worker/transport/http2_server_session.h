#pragma once

#include <array>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "worker/transport/http2_session.h"
#include "worker/transport/request_body.h"

namespace otlpipe::worker::transport {

// One request on an HTTP/2 server connection, from its headers to the end of its answer.
struct Http2ServerStream {
  enum class Phase { kHead, kBody, kHandled, kAnswered };

  std::int32_t id = 0;
  Phase phase = Phase::kHead;
  bool grpc = false;
  bool trailers_pending = false;
  bool head_too_large = false;
  bool progressed = true;  // since the last tick
  std::size_t header_bytes = 0;
  ServerRequest request;
  std::shared_ptr<ServerHandler> handler;  // of the time when the headers came
  std::optional<RequestBody> body;
  MonotonicTime last_progress;
  OutgoingBody out;
  GrpcStatus status;
  std::list<Http2ServerStream>::iterator self;
};

// See http2_server.h. Its functions are in three files: http2_server.cc what comes in, http2_answers.cc what
// goes out, http2_server_life.cc time and drain.
class Http2ServerSession final : public Http2Session {
 public:
  using Stream = Http2ServerStream;
  Http2ServerSession(std::shared_ptr<ServerContext> context, Carrier& carrier, std::string peer,
                     MonotonicTime now);
  ~Http2ServerSession() override { *anchor_ = nullptr; }

  void receive(ByteView data) override {
    received_ = true;
    Http2Session::receive(data);
  }
  void receive_end() override;
  void tick(MonotonicTime now) override;
  void begin_drain() override;
  void lost(const Error&) override {
    *anchor_ = nullptr;
    streams_.clear();
  }

 protected:
  void on_begin_headers(const nghttp2_frame& frame) override;
  bool on_header(const nghttp2_frame& frame, std::string_view name, std::string_view value) override;
  void on_frame(const nghttp2_frame& frame) override;
  void on_data(std::int32_t stream_id, ByteView data) override;
  void on_frame_sent(const nghttp2_frame& frame) override;
  void on_stream_close(std::int32_t stream_id, std::uint32_t http2_error) override;
  bool owes_answers() const override { return !streams_.empty(); }
  bool submit_trailers(std::int32_t stream_id) override;

 private:
  Stream* find(std::int32_t id) {
    return static_cast<Stream*>(nghttp2_session_get_stream_user_data(session(), id));
  }
  void on_head(Stream& stream);
  void on_body_end(Stream& stream);
  void refuse(Stream& stream, const Error& error);
  void answer_http(Stream& stream, HttpResponse response);
  void answer_grpc(Stream& stream, GrpcStatus status, std::string message);
  void answer_bare(Stream& stream, std::string_view http_status);
  void submit(Stream& stream, std::span<const nghttp2_nv> headers);
  void on_ping_ack(const std::uint8_t* opaque);
  void on_goaway_sent();
  void final_goaway();
  void check_alive(MonotonicTime now);

  std::shared_ptr<ServerContext> context_;
  Carrier& carrier_;
  std::string peer_;
  std::list<Stream> streams_;
  MonotonicTime started_;
  MonotonicTime last_received_;
  MonotonicTime idle_since_;
  std::optional<MonotonicTime> ping_sent_;
  std::optional<MonotonicTime> drain_since_;
  std::shared_ptr<Http2ServerSession*> anchor_;  // what responders hold; null inside when the session is gone
  bool received_ = false;
  bool settings_acked_ = false;
  bool draining_ = false;
  bool goaway_final_ = false;
};

}  // namespace otlpipe::worker::transport
