#include <algorithm>
#include <array>
#include <utility>

#include "worker/transport/http2_server_session.h"

namespace otlpipe::worker::transport {

namespace {

constexpr Duration kSettingsAckTimeout = std::chrono::seconds(10);
constexpr Duration kDrainNoticeTimeout = std::chrono::seconds(1);
constexpr std::array<std::uint8_t, 8> kDrainPing = {'d', 'r', 'a', 'i', 'n', 'i', 'n', 'g'};

}  // namespace

void Http2ServerSession::on_ping_ack(const std::uint8_t* opaque) {
  if (draining_ && std::equal(kDrainPing.begin(), kDrainPing.end(), opaque)) final_goaway();
}

void Http2ServerSession::begin_drain() {
  if (draining_) return;
  draining_ = true;
  // First the notice; when its PING is back, and with it all that was sent before the peer knew, the last
  // stream that is served (RFC 9113, 6.8).
  nghttp2_submit_shutdown_notice(session());
  carrier_.wake();
}

void Http2ServerSession::on_goaway_sent() {
  if (!draining_ || goaway_final_) return;
  // Not before: nghttp2 sends a PING ahead of a GOAWAY that waits.
  nghttp2_submit_ping(session(), NGHTTP2_FLAG_NONE, kDrainPing.data());
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

}  // namespace otlpipe::worker::transport
