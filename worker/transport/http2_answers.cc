#include <array>
#include <utility>

#include "worker/transport/http2_server_session.h"
#include "worker/transport/http_date.h"

namespace otlpipe::worker::transport {

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
  const CleanHeaders clean(response.headers);
  clean.append_to(headers);
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

}  // namespace otlpipe::worker::transport
