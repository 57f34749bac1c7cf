#include "worker/transport/http2_server.h"

#include <algorithm>
#include <utility>

#include "worker/transport/http2_server_session.h"

namespace otlpipe::worker::transport {

namespace {

Http2Limits limits_of(const ServerOptions& options) {
  Http2Limits limits;
  limits.max_concurrent_streams = options.max_concurrent_streams;
  limits.max_header_bytes = static_cast<std::uint32_t>(options.max_header_bytes);
  return limits;
}

}  // namespace

Http2ServerSession::Http2ServerSession(std::shared_ptr<ServerContext> context, Carrier& carrier,
                                       std::string peer, MonotonicTime now)
    : Http2Session(Role::kServer, limits_of(context->options)),
      context_(std::move(context)),
      carrier_(carrier),
      peer_(std::move(peer)),
      started_(now),
      last_received_(now),
      idle_since_(now),
      anchor_(std::make_shared<Http2ServerSession*>(this)) {}

// Whoever has sent whole requests and then closed its side may still wait for the answers. What is incomplete
// stays so.
void Http2ServerSession::receive_end() {
  Http2Session::receive_end();
  for (Stream& stream : streams_) {
    if (stream.phase == Stream::Phase::kHandled || stream.phase == Stream::Phase::kAnswered) continue;
    stream.body.reset();
    stream.phase = Stream::Phase::kAnswered;
    nghttp2_submit_rst_stream(session(), NGHTTP2_FLAG_NONE, stream.id, NGHTTP2_CANCEL);
  }
}

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
      if (ack) on_ping_ack(frame.ping.opaque_data);
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
  const Status finished = stream.body->finish(*context_, stream.request);
  stream.body.reset();
  if (!finished) return refuse(stream, finished.error());
  stream.phase = Stream::Phase::kHandled;
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

void Http2ServerSession::on_frame_sent(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_GOAWAY) return on_goaway_sent();
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

std::unique_ptr<Protocol> make_http2_server_session(std::shared_ptr<ServerContext> context, Carrier& carrier,
                                                    std::string peer, MonotonicTime now) {
  return std::make_unique<Http2ServerSession>(std::move(context), carrier, std::move(peer), now);
}

}  // namespace otlpipe::worker::transport
