#include "worker/transport/http2_server.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <list>
#include <utility>

#include "worker/transport/http2_session.h"
#include "worker/transport/http_date.h"

namespace otlpipe::worker::transport {

namespace {

constexpr Duration kSettingsAckTimeout = std::chrono::seconds(10);
constexpr Duration kDrainNoticeTimeout = std::chrono::seconds(1);
constexpr std::array<std::uint8_t, 8> kDrainPing = {'d', 'r', 'a', 'i', 'n', 'i', 'n', 'g'};
constexpr std::array<std::uint8_t, 8> kAlivePing = {'a', 'l', 'i', 'v', 'e', '?', '?', '?'};

struct Stream {
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
  std::list<Stream>::iterator self;
};

Http2Limits limits_of(const ServerOptions& options) {
  Http2Limits limits;
  limits.max_concurrent_streams = options.max_concurrent_streams;
  limits.max_header_bytes = static_cast<std::uint32_t>(options.max_header_bytes);
  return limits;
}

class Http2ServerSession final : public Http2Session {
 public:
  Http2ServerSession(std::shared_ptr<ServerContext> context, Carrier& carrier, std::string peer,
                     MonotonicTime now)
      : Http2Session(Role::kServer, limits_of(context->options)),
        context_(std::move(context)),
        carrier_(carrier),
        peer_(std::move(peer)),
        started_(now),
        last_received_(now),
        idle_since_(now),
        anchor_(std::make_shared<Http2ServerSession*>(this)) {}
  ~Http2ServerSession() override { *anchor_ = nullptr; }

  void receive(ByteView data) override {
    received_ = true;
    Http2Session::receive(data);
  }
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

void Http2ServerSession::on_begin_headers(const nghttp2_frame& frame) {
  if (frame.hd.type != NGHTTP2_HEADERS || frame.headers.cat != NGHTTP2_HCAT_REQUEST) return;
  Stream& stream = streams_.emplace_front();
  stream.self = streams_.begin();
  stream.id = frame.hd.stream_id;
  stream.grpc = context_->options.protocol == ServerProtocol::kGrpc;
  stream.request.peer = peer_;
  nghttp2_session_set_stream_user_data(session(), stream.id, &stream);
}

bool Http2ServerSession::on_header(const nghttp2_frame& frame, std::string_view name,
                                   std::string_view value) {
  Stream* stream = find(frame.hd.stream_id);
  if (stream == nullptr || frame.headers.cat != NGHTTP2_HCAT_REQUEST)
    return true;                              // trailers mean nothing here
  constexpr std::size_t kEntryOverhead = 32;  // as SETTINGS_MAX_HEADER_LIST_SIZE counts (RFC 9113, 6.5.2)
  stream->header_bytes += name.size() + value.size() + kEntryOverhead;
  if (stream->header_bytes > context_->options.max_header_bytes) {
    stream->head_too_large = true;
    return true;
  }
  ServerRequest& request = stream->request;
  if (name == ":method") {
    request.method = value;
  } else if (name == ":path") {
    request.path = value;
  } else if (name == ":authority") {
    request.headers.emplace_back("host", value);
  } else if (!name.starts_with(':')) {
    request.headers.emplace_back(name, value);
  }
  return true;
}

void Http2ServerSession::on_frame(const nghttp2_frame& frame) {
  const bool ack = (frame.hd.flags & NGHTTP2_FLAG_ACK) != 0;
  switch (frame.hd.type) {
    case NGHTTP2_SETTINGS:
      settings_acked_ = settings_acked_ || ack;
      return;
    case NGHTTP2_PING:
      if (ack && draining_ && std::equal(kDrainPing.begin(), kDrainPing.end(), frame.ping.opaque_data))
        final_goaway();
      return;
    case NGHTTP2_HEADERS:
    case NGHTTP2_DATA:
      break;
    default:
      return;
  }
  Stream* stream = find(frame.hd.stream_id);
  if (stream == nullptr) return;
  if (stream->phase == Stream::Phase::kHead) on_head(*stream);
  if ((frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0 && stream->phase == Stream::Phase::kBody)
    on_body_end(*stream);
}

void Http2ServerSession::on_head(Stream& stream) {
  ++context_->requests;
  stream.phase = Stream::Phase::kBody;
  if (stream.head_too_large) return answer_bare(stream, "431");
  stream.handler = context_->handler;
  if (stream.grpc) {
    if (!is_grpc_content_type(find_header(stream.request.headers, "content-type")))
      return answer_bare(stream, "415");
    if (stream.request.method != "POST") return answer_bare(stream, "405");
    if (auto refusal = stream.handler->check_grpc(stream.request))
      return answer_grpc(stream, std::move(*refusal), {});
  } else if (auto refusal = stream.handler->check_http(stream.request)) {
    return answer_http(stream, std::move(*refusal));
  }
  auto body = RequestBody::open(*context_, stream.request.headers, context_->options.protocol);
  if (!body) return refuse(stream, body.error());
  stream.body = std::move(*body);
}

void Http2ServerSession::on_data(std::int32_t stream_id, ByteView data) {
  Stream* stream = find(stream_id);
  if (stream == nullptr || stream->phase != Stream::Phase::kBody) return;
  stream->progressed = true;
  if (Status taken = stream->body->append(data); !taken) refuse(*stream, taken.error());
}

void Http2ServerSession::on_body_end(Stream& stream) {
  auto body = stream.body->finish(*context_);
  stream.body.reset();
  if (!body) return refuse(stream, body.error());
  stream.phase = Stream::Phase::kHandled;
  stream.request.body = std::move(body->first);
  stream.request.credit = std::move(body->second);
  if (stream.grpc) {
    stream.handler->on_grpc(std::move(stream.request),
                            [anchor = anchor_, id = stream.id](GrpcStatus status, std::string message) {
                              if (*anchor == nullptr) return;
                              Stream* found = (*anchor)->find(id);
                              if (found != nullptr)
                                (*anchor)->answer_grpc(*found, std::move(status), std::move(message));
                            });
  } else {
    // What an answer to HEAD needs is kept: the request itself goes to the handler.
    std::string method = stream.request.method;
    ServerRequest request = std::exchange(stream.request, {});
    stream.request.method = std::move(method);
    stream.handler->on_http(std::move(request), [anchor = anchor_, id = stream.id](HttpResponse response) {
      if (*anchor == nullptr) return;
      Stream* found = (*anchor)->find(id);
      if (found != nullptr) (*anchor)->answer_http(*found, std::move(response));
    });
  }
}

void Http2ServerSession::refuse(Stream& stream, const Error& error) {
  stream.body.reset();
  if (stream.grpc) {
    answer_grpc(stream, stream.handler->grpc_refusal(stream.request, error), {});
  } else {
    answer_http(stream, stream.handler->http_refusal(stream.request, error));
  }
}

void Http2ServerSession::answer_grpc(Stream& stream, GrpcStatus status, std::string message) {
  if (stream.phase == Stream::Phase::kAnswered) return;
  stream.phase = Stream::Phase::kAnswered;
  stream.status = std::move(status);
  std::vector<nghttp2_nv> headers{static_header(":status", "200"),
                                  static_header("content-type", "application/grpc")};
  if (stream.status.code == 0) {
    const auto prefix = grpc_prefix(false, static_cast<std::uint32_t>(message.size()));
    message.insert(0, reinterpret_cast<const char*>(prefix.data()), prefix.size());
    stream.out.add(Bytes::from(std::move(message)));
    stream.trailers_pending = true;
    return submit(stream, headers);
  }
  // No message: one HEADERS frame is headers and trailers at once.
  const std::string code = std::to_string(stream.status.code);
  const std::string text = percent_encode(stream.status.message);
  const std::string details = base64_encode(stream.status.details);
  headers.push_back(copied_header("grpc-status", code));
  if (!text.empty()) headers.push_back(copied_header("grpc-message", text));
  if (!details.empty()) headers.push_back(copied_header("grpc-status-details-bin", details));
  if (stream.status.code == static_cast<int>(Code::kUnimplemented)) {
    headers.push_back(static_header("grpc-accept-encoding", kGrpcEncodings));
  }
  submit(stream, headers);
}

bool Http2ServerSession::submit_trailers(std::int32_t stream_id) {
  Stream* stream = find(stream_id);
  if (stream == nullptr || !stream->trailers_pending) return false;
  stream->trailers_pending = false;
  const nghttp2_nv ok = static_header("grpc-status", "0");
  return nghttp2_submit_trailer(session(), stream_id, &ok, 1) == 0;
}

void Http2ServerSession::answer_http(Stream& stream, HttpResponse response) {
  if (stream.phase == Stream::Phase::kAnswered) return;
  stream.phase = Stream::Phase::kAnswered;
  const std::string status = std::to_string(response.status);
  const std::string length = std::to_string(response.body.size());
  const std::string date = format_http_date(context_->clock->wall_now());
  std::vector<nghttp2_nv> headers{copied_header(":status", status), copied_header("date", date)};
  for (const auto& [name, value] : response.headers) headers.push_back(copied_header(name, value));
  if (response.status != 204) headers.push_back(copied_header("content-length", length));
  if (stream.request.method != "HEAD") stream.out.add(Bytes::from(std::move(response.body)));
  submit(stream, headers);
}

void Http2ServerSession::answer_bare(Stream& stream, std::string_view http_status) {
  stream.phase = Stream::Phase::kAnswered;
  submit(stream, std::array{static_header(":status", http_status), static_header("content-length", "0")});
}

void Http2ServerSession::submit(Stream& stream, std::span<const nghttp2_nv> headers) {
  const bool has_body = stream.out.left() > 0;
  const auto source = provider(stream.out);
  nghttp2_submit_response(session(), stream.id, headers.data(), headers.size(), has_body ? &source : nullptr);
  carrier_.wake();
}

void Http2ServerSession::on_frame_sent(const nghttp2_frame& frame) {
  if (frame.hd.type != NGHTTP2_HEADERS && frame.hd.type != NGHTTP2_DATA) return;
  if ((frame.hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return;
  // Answered before the request was complete: its sender may stop (RFC 9113, 8.1).
  if (nghttp2_session_get_stream_remote_close(session(), frame.hd.stream_id) == 0) {
    nghttp2_submit_rst_stream(session(), NGHTTP2_FLAG_NONE, frame.hd.stream_id, NGHTTP2_NO_ERROR);
  }
}

void Http2ServerSession::on_stream_close(std::int32_t stream_id, std::uint32_t) {
  Stream* stream = find(stream_id);
  if (stream != nullptr) streams_.erase(stream->self);
}

void Http2ServerSession::begin_drain() {
  if (draining_) return;
  draining_ = true;
  // First the notice, and once its PING is back, and with it all that was sent before the peer knew, the last
  // stream that is served (RFC 9113, 6.8).
  nghttp2_submit_shutdown_notice(session());
  nghttp2_submit_ping(session(), NGHTTP2_FLAG_NONE, kDrainPing.data());
  carrier_.wake();
}

void Http2ServerSession::final_goaway() {
  if (std::exchange(goaway_final_, true)) return;
  nghttp2_submit_goaway(session(), NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session()),
                        NGHTTP2_NO_ERROR, nullptr, 0);
  carrier_.wake();
}

void Http2ServerSession::tick(MonotonicTime now) {
  if (draining_ && !goaway_final_) {
    if (!drain_since_) drain_since_ = now;
    if (now - *drain_since_ > kDrainNoticeTimeout) final_goaway();
  }
  if (!settings_acked_ && now - started_ > kSettingsAckTimeout) fail_session(NGHTTP2_SETTINGS_TIMEOUT);
  for (auto it = streams_.begin(); it != streams_.end();) {
    Stream& stream = *it++;
    if (stream.phase != Stream::Phase::kBody) continue;
    if (std::exchange(stream.progressed, false)) {
      stream.last_progress = now;
    } else if (now - stream.last_progress > context_->options.body_timeout) {
      refuse(stream, Error{Code::kDeadlineExceeded, "the request's body stalled", {}, Retry::backoff()});
    }
  }
  check_alive(now);
}

void Http2ServerSession::check_alive(MonotonicTime now) {
  if (!streams_.empty()) {
    idle_since_ = now;
  } else if (now - idle_since_ > context_->options.idle_timeout) {
    begin_drain();
  }
  if (std::exchange(received_, false)) {
    last_received_ = now;
    ping_sent_.reset();
  } else if (ping_sent_) {
    if (now - *ping_sent_ > context_->options.keepalive_timeout) fail_session(NGHTTP2_NO_ERROR);
  } else if (now - last_received_ > context_->options.keepalive_interval) {
    ping_sent_ = now;
    nghttp2_submit_ping(session(), NGHTTP2_FLAG_NONE, kAlivePing.data());
  }
}

}  // namespace

std::unique_ptr<Protocol> make_http2_server_session(std::shared_ptr<ServerContext> context, Carrier& carrier,
                                                    std::string peer, MonotonicTime now) {
  return std::make_unique<Http2ServerSession>(std::move(context), carrier, std::move(peer), now);
}

}  // namespace otlpipe::worker::transport
