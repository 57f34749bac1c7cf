#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "worker/transport/client_session.h"
#include "worker/transport/grpc_framing.h"
#include "worker/transport/http2_session.h"

namespace otlpipe::worker::transport {

namespace {

constexpr std::size_t kMaxHeaderBytes = 64u << 10;  // of one answer, trailers included

struct Stream {
  explicit Stream(std::size_t max_response_bytes) : reader(BodyBuffer(nullptr, max_response_bytes)) {}

  std::int32_t id = 0;
  ClientCallPtr call;  // null once answered or cancelled
  OutgoingBody out;
  GrpcMessageReader reader;
  std::optional<Error> broken;  // why the body is of no use
  ClientResponse response;
  std::optional<int> grpc_status;
  std::size_t header_bytes = 0;
  bool grpc = false;  // the answer's content type
  std::list<Stream>::iterator self;
};

class Http2ClientSession final : public Http2Session, public ClientSession {
 public:
  Http2ClientSession(std::shared_ptr<const ClientContext> context, ClientSessionEvents& events,
                     Carrier& carrier, MonotonicTime now)
      : Http2Session(Role::kClient, Http2Limits()),
        context_(std::move(context)),
        events_(events),
        carrier_(carrier),
        last_received_(now),
        idle_since_(now) {}

  void receive(ByteView data) override {
    received_ = true;
    Http2Session::receive(data);
  }
  void tick(MonotonicTime now) override;
  void begin_drain() override;
  void lost(const Error& reason) override;

  void start(ClientCallPtr call) override;
  void cancel(const ClientCallPtr& call) override;
  std::size_t capacity() const override;
  bool open_for_more() const override {
    return !draining_ && nghttp2_session_check_request_allowed(session()) != 0;
  }

 protected:
  void on_begin_headers(const nghttp2_frame&) override {}
  bool on_header(const nghttp2_frame& frame, std::string_view name, std::string_view value) override;
  void on_frame(const nghttp2_frame& frame) override;
  void on_data(std::int32_t stream_id, ByteView data) override;
  void on_frame_sent(const nghttp2_frame&) override {}
  void on_stream_close(std::int32_t stream_id, std::uint32_t http2_error) override;
  bool owes_answers() const override { return false; }
  bool submit_trailers(std::int32_t) override { return false; }

 private:
  Stream* find(std::int32_t id) {
    return static_cast<Stream*>(nghttp2_session_get_stream_user_data(session(), id));
  }
  void finish(Stream& stream, Result<ClientResponse> result);
  void answer(Stream& stream);
  Result<ClientResponse> complete(Stream& stream);

  std::shared_ptr<const ClientContext> context_;
  ClientSessionEvents& events_;
  Carrier& carrier_;
  std::list<Stream> streams_;
  MonotonicTime last_received_;
  MonotonicTime idle_since_;
  std::optional<MonotonicTime> ping_sent_;
  bool received_ = false;
  bool draining_ = false;
};

void Http2ClientSession::start(ClientCallPtr call) {
  Stream& stream = streams_.emplace_front(context_->options.max_response_bytes);
  stream.self = streams_.begin();
  const ClientRequest& request = call->request;
  const std::string timeout = format_grpc_timeout(request.timeout);
  std::vector<nghttp2_nv> headers{
      static_header(":method", "POST"),
      static_header(":scheme", "http"),
      copied_header(":path", request.path),
      copied_header(":authority", context_->options.authority),
      static_header("te", "trailers"),
      static_header("content-type", "application/grpc"),
      copied_header("user-agent", context_->options.user_agent),
      copied_header("grpc-timeout", timeout),
      static_header("grpc-accept-encoding", "identity,deflate,gzip,zstd"),
  };
  const bool compressed = request.compression != Compression::kNone;
  if (compressed)
    headers.push_back(static_header("grpc-encoding", compression::to_string(request.compression)));
  const CleanHeaders clean(request.headers);
  clean.append_to(headers);

  const auto prefix = grpc_prefix(compressed, static_cast<std::uint32_t>(call->body_bytes));
  stream.out.add(Bytes::from(std::string(as_text(prefix))));
  for (const Bytes& part : request.body) stream.out.add(part);

  const auto source = provider(stream.out);
  stream.id = nghttp2_submit_request(session(), nullptr, headers.data(), headers.size(), &source, &stream);
  if (stream.id < 0) {
    const Error reason{Code::kUnavailable, nghttp2_strerror(stream.id), {}, Retry::backoff()};
    draining_ = true;  // out of stream ids: a new connection has them all
    streams_.erase(stream.self);
    return events_.on_unprocessed(std::move(call), reason);
  }
  call->stream = &stream;
  stream.call = std::move(call);
  carrier_.wake();
}

void Http2ClientSession::cancel(const ClientCallPtr& call) {
  auto* stream = static_cast<Stream*>(call->stream);
  call->stream = nullptr;
  if (stream == nullptr) return;
  stream->call.reset();
  nghttp2_submit_rst_stream(session(), NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_CANCEL);
  carrier_.wake();
}

std::size_t Http2ClientSession::capacity() const {
  if (!open_for_more()) return 0;
  const std::size_t peers_limit =
      nghttp2_session_get_remote_settings(session(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
  const std::size_t limit = std::min(context_->options.max_requests_per_connection, peers_limit);
  return limit > streams_.size() ? limit - streams_.size() : 0;
}

bool Http2ClientSession::on_header(const nghttp2_frame& frame, std::string_view name,
                                   std::string_view value) {
  Stream* stream = find(frame.hd.stream_id);
  if (stream == nullptr) return true;
  stream->header_bytes += name.size() + value.size();
  if (stream->header_bytes > kMaxHeaderBytes) return false;
  ClientResponse& response = stream->response;
  if (name == ":status") {
    response.headers.clear();  // those of an informational answer before it
    std::from_chars(value.data(), value.data() + value.size(), response.http_status);
    return true;
  }
  if (name == "grpc-status") {
    int code = static_cast<int>(Code::kUnknown);
    std::from_chars(value.data(), value.data() + value.size(), code);
    stream->grpc_status = code;
  } else if (name == "grpc-message") {
    response.grpc.message = percent_decode(value);
  } else if (name == "grpc-status-details-bin") {
    response.grpc.details = base64_decode(value).value_or(std::string());
  } else if (name == "content-type") {
    stream->grpc = is_grpc_content_type(value);
  }
  response.headers.emplace_back(name, value);
  return true;
}

void Http2ClientSession::on_data(std::int32_t stream_id, ByteView data) {
  Stream* stream = find(stream_id);
  // Without gRPC's content type this is some proxy's error page: the status says what there is to say.
  if (stream == nullptr || !stream->call || !stream->grpc || stream->broken) return;
  if (Status taken = stream->reader.append(data); !taken) stream->broken = taken.error().in("the answer");
}

void Http2ClientSession::on_frame(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_SETTINGS) return events_.on_capacity();
  if (frame.hd.type == NGHTTP2_GOAWAY) {
    draining_ = true;
    return events_.on_capacity();
  }
  if (frame.hd.type != NGHTTP2_HEADERS && frame.hd.type != NGHTTP2_DATA) return;
  Stream* stream = find(frame.hd.stream_id);
  if (stream == nullptr || (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return;
  if (stream->call) answer(*stream);
  // Answered before all was sent: the rest of the request is wanted no more.
  if (nghttp2_session_get_stream_local_close(session(), frame.hd.stream_id) == 0) {
    nghttp2_submit_rst_stream(session(), NGHTTP2_FLAG_NONE, frame.hd.stream_id, NGHTTP2_CANCEL);
  }
}

void Http2ClientSession::answer(Stream& stream) {
  finish(stream, complete(stream));
}

Result<ClientResponse> Http2ClientSession::complete(Stream& stream) {
  ClientResponse& response = stream.response;
  if (!stream.grpc_status) {
    response.grpc.code = grpc_code_of_http_status(response.http_status);
    response.grpc.message =
        "the answer has HTTP status " + std::to_string(response.http_status) + " and no grpc-status";
    return std::move(response);
  }
  response.grpc.code = *stream.grpc_status;
  if (response.grpc.code != 0) return std::move(response);
  if (stream.broken) return fail(*stream.broken);
  if (Status whole = stream.reader.finish(); !whole) return fail(whole.error().in("the answer"));
  if (!stream.reader.compressed()) {
    response.body = as_text(stream.reader.buffer().view());
    return std::move(response);
  }
  const auto encoding = compression::parse_compression(find_header(response.headers, "grpc-encoding"));
  if (!encoding || *encoding == Compression::kNone) {
    return fail(Code::kInternal, "the answer is compressed in a way that is not known");
  }
  auto inflated = context_->decompressor->decompress(*encoding, stream.reader.buffer().view(),
                                                     context_->options.max_response_bytes, {});
  if (!inflated) return fail(inflated.error().in("the answer"));
  response.body = as_text(inflated->content.view());
  return std::move(response);
}

void Http2ClientSession::finish(Stream& stream, Result<ClientResponse> result) {
  ClientCallPtr call = std::exchange(stream.call, nullptr);
  call->stream = nullptr;
  events_.on_answer(std::move(call), std::move(result));
}

void Http2ClientSession::on_stream_close(std::int32_t stream_id, std::uint32_t http2_error) {
  Stream* stream = find(stream_id);
  if (stream == nullptr) return;
  if (stream->call) {
    const Error reset{Code::kUnavailable,
                      std::string("reset by the peer: ") + nghttp2_http2_strerror(http2_error),
                      {},
                      Retry::backoff()};
    if (http2_error == NGHTTP2_REFUSED_STREAM) {
      ClientCallPtr call = std::exchange(stream->call, nullptr);
      call->stream = nullptr;
      events_.on_unprocessed(std::move(call), reset);
    } else {
      finish(*stream, fail(reset));
    }
  }
  streams_.erase(stream->self);
  events_.on_capacity();
}

void Http2ClientSession::begin_drain() {
  if (std::exchange(draining_, true)) return;
  nghttp2_submit_goaway(session(), NGHTTP2_FLAG_NONE, 0, NGHTTP2_NO_ERROR, nullptr, 0);
  carrier_.wake();
}

void Http2ClientSession::lost(const Error& reason) {
  draining_ = true;
  for (Stream& stream : streams_) {
    if (stream.call) finish(stream, fail(reason));
  }
  streams_.clear();
}

void Http2ClientSession::tick(MonotonicTime now) {
  if (std::exchange(received_, false) || streams_.empty()) {
    last_received_ = now;
    ping_sent_.reset();
  } else if (ping_sent_) {
    if (now - *ping_sent_ > context_->options.keepalive_timeout) {
      fail_session(NGHTTP2_NO_ERROR);
      draining_ = true;
      const Error dead{Code::kUnavailable, "the peer does not answer keep-alive", {}, Retry::backoff()};
      for (Stream& stream : streams_) {
        if (stream.call) finish(stream, fail(dead));
      }
    }
  } else if (now - last_received_ > context_->options.keepalive_interval) {
    ping_sent_ = now;
    nghttp2_submit_ping(session(), NGHTTP2_FLAG_NONE, kAlivePing.data());
  }
  if (!streams_.empty()) {
    idle_since_ = now;
  } else if (now - idle_since_ > context_->options.idle_timeout) {
    begin_drain();
  }
}

}  // namespace

ClientSessionParts make_http2_client_session(std::shared_ptr<const ClientContext> context,
                                             ClientSessionEvents& events, Carrier& carrier,
                                             MonotonicTime now) {
  auto session = std::make_unique<Http2ClientSession>(std::move(context), events, carrier, now);
  ClientSession* calls = session.get();
  return {std::move(session), calls};
}

}  // namespace otlpipe::worker::transport
