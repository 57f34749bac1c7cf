#include "worker/transport/http2_session.h"

#include <algorithm>
#include <array>
#include <new>

namespace otlpipe::worker::transport {

namespace {

std::uint8_t* header_bytes(std::string_view text) {
  // nghttp2 reads only; its type is older than const.
  return const_cast<std::uint8_t*>(as_bytes(text).data());
}

std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return as_text({data, size});
}

}  // namespace

nghttp2_nv static_header(std::string_view name, std::string_view value) {
  return {header_bytes(name), header_bytes(value), name.size(), value.size(),
          NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE};
}

nghttp2_nv copied_header(std::string_view name, std::string_view value) {
  return {header_bytes(name), header_bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

CleanHeaders::CleanHeaders(const Headers& headers) : headers_(headers) {
  for (auto& [name, value] : headers_) {
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    for (char& c : value) c = c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
  }
}

void CleanHeaders::append_to(std::vector<nghttp2_nv>& out) const {
  for (const auto& [name, value] : headers_) out.push_back(copied_header(name, value));
}

void OutgoingBody::send(std::size_t bytes, OutputQueue& out) {
  left_ -= bytes;
  while (bytes > 0) {
    const Bytes& part = parts_[part_];
    const std::size_t take = std::min(bytes, part.size() - offset_);
    out.append(part.slice(offset_, take));
    bytes -= take;
    offset_ += take;
    if (offset_ == part.size()) {
      parts_[part_] = Bytes();  // what is written by now is held by the queue alone
      ++part_;
      offset_ = 0;
    }
  }
}

struct Http2Session::Callbacks {
  static Http2Session& self(void* user) { return *static_cast<Http2Session*>(user); }

  static int begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    self(user).on_begin_headers(*frame);
    return 0;
  }
  static int header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                    std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                    void* user) {
    const bool go_on = self(user).on_header(*frame, text_of(name, name_size), text_of(value, value_size));
    return go_on ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }
  static int frame_recv(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    self(user).on_frame(*frame);
    return 0;
  }
  static int data_chunk(nghttp2_session* session, std::uint8_t, std::int32_t stream, const std::uint8_t* data,
                        std::size_t size, void* user) {
    self(user).on_data(stream, {data, size});
    return nghttp2_session_consume(session, stream, size) == NGHTTP2_ERR_NOMEM ? NGHTTP2_ERR_CALLBACK_FAILURE
                                                                               : 0;
  }
  static int frame_send(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    self(user).on_frame_sent(*frame);
    return 0;
  }
  static int stream_close(nghttp2_session*, std::int32_t stream, std::uint32_t error, void* user) {
    self(user).on_stream_close(stream, error);
    return 0;
  }
  static ssize_t read_length(nghttp2_session*, std::uint8_t, std::int32_t, std::int32_t session_window,
                             std::int32_t stream_window, std::uint32_t max_frame, void*) {
    constexpr std::uint32_t kMostPerFrame = 256u
                                            << 10;  // so that one stream does not hold up the others for long
    const auto window = static_cast<std::uint32_t>(std::min(session_window, stream_window));
    return static_cast<ssize_t>(std::min({window, max_frame, kMostPerFrame}));
  }
  static ssize_t read_body(nghttp2_session*, std::int32_t stream, std::uint8_t*, std::size_t length,
                           std::uint32_t* flags, nghttp2_data_source* source, void* user) {
    const auto& body = *static_cast<OutgoingBody*>(source->ptr);
    const std::size_t take = std::min(length, body.left());
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (take == body.left()) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
      if (self(user).submit_trailers(stream)) *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
    }
    return static_cast<ssize_t>(take);
  }
  static int send_data(nghttp2_session*, nghttp2_frame*, const std::uint8_t* header, std::size_t length,
                       nghttp2_data_source* source, void* user) {
    constexpr std::size_t kFrameHeaderBytes = 9;
    OutputQueue& out = *self(user).out_;
    if (out.size() >= kOutputHighWater) return NGHTTP2_ERR_WOULDBLOCK;  // produce() comes back to it
    out.append_copy({header, kFrameHeaderBytes});
    static_cast<OutgoingBody*>(source->ptr)->send(length, out);
    return 0;
  }

  static const nghttp2_session_callbacks* get() {
    static const nghttp2_session_callbacks* const table = [] {
      nghttp2_session_callbacks* made = nullptr;
      if (nghttp2_session_callbacks_new(&made) != 0) throw std::bad_alloc();
      nghttp2_session_callbacks_set_on_begin_headers_callback(made, begin_headers);
      nghttp2_session_callbacks_set_on_header_callback(made, header);
      nghttp2_session_callbacks_set_on_frame_recv_callback(made, frame_recv);
      nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, data_chunk);
      nghttp2_session_callbacks_set_on_frame_send_callback(made, frame_send);
      nghttp2_session_callbacks_set_on_stream_close_callback(made, stream_close);
      nghttp2_session_callbacks_set_data_source_read_length_callback(made, read_length);
      nghttp2_session_callbacks_set_send_data_callback(made, send_data);
      return made;
    }();
    return table;
  }
};

Http2Session::Http2Session(Role role, const Http2Limits& limits) {
  nghttp2_option* option = nullptr;
  if (nghttp2_option_new(&option) != 0) throw std::bad_alloc();
  const std::unique_ptr<nghttp2_option, decltype(&nghttp2_option_del)> guard(option, &nghttp2_option_del);
  nghttp2_option_set_no_auto_window_update(option, 1);
  nghttp2_option_set_no_closed_streams(option, 1);
  nghttp2_option_set_max_settings(option, 32);
  nghttp2_option_set_max_outbound_ack(option, 100);               // PING and SETTINGS floods end the session
  nghttp2_option_set_stream_reset_rate_limit(option, 1000, 100);  // so does rapid reset (CVE-2023-44487)
  nghttp2_session* made = nullptr;
  const int rv = role == Role::kServer ? nghttp2_session_server_new2(&made, Callbacks::get(), this, option)
                                       : nghttp2_session_client_new2(&made, Callbacks::get(), this, option);
  if (rv != 0) throw std::bad_alloc();
  session_.reset(made);

  std::vector<nghttp2_settings_entry> settings{
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.stream_window},
      {NGHTTP2_SETTINGS_MAX_FRAME_SIZE, limits.max_frame_bytes},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.max_header_bytes},
  };
  if (role == Role::kServer) {
    settings.push_back({NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.max_concurrent_streams});
    // Answers are small and all alike: the old dependency tree would cost time and order nothing.
    settings.push_back({NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1});
  } else {
    settings.push_back({NGHTTP2_SETTINGS_ENABLE_PUSH, 0});
  }
  nghttp2_submit_settings(made, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(made, NGHTTP2_FLAG_NONE, 0,
                                        static_cast<std::int32_t>(limits.connection_window));
}

Http2Session::~Http2Session() = default;

nghttp2_data_provider Http2Session::provider(OutgoingBody& body) {
  nghttp2_data_provider out{};
  out.source.ptr = &body;
  out.read_callback = Callbacks::read_body;
  return out;
}

void Http2Session::receive(ByteView data) {
  if (broken_) return;
  const ssize_t used = nghttp2_session_mem_recv(session(), data.data(), data.size());
  if (used >= 0) return;
  broken_ = true;
  // What nghttp2 calls fatal leaves it unable to say so itself; a flood or a bad preface deserves a reason
  // all the same.
  nghttp2_session_terminate_session(
      session(), used == NGHTTP2_ERR_FLOODED ? NGHTTP2_ENHANCE_YOUR_CALM : NGHTTP2_PROTOCOL_ERROR);
}

void Http2Session::fail_session(std::uint32_t http2_error) {
  nghttp2_session_terminate_session(session(), http2_error);
}

void Http2Session::produce(OutputQueue& out) {
  out_ = &out;
  while (out.size() < kOutputHighWater) {
    const std::uint8_t* data = nullptr;
    const std::size_t before = out.size();
    const ssize_t got = nghttp2_session_mem_send(session(), &data);
    if (got < 0) {
      broken_ = true;
      break;
    }
    if (got == 0 && out.size() == before) break;
    out.append_copy({data, static_cast<std::size_t>(got)});
  }
  out_ = nullptr;
}

bool Http2Session::finished() const {
  if (broken_ || (peer_done_ && !owes_answers())) return true;
  return nghttp2_session_want_read(session()) == 0 && nghttp2_session_want_write(session()) == 0;
}

}  // namespace otlpipe::worker::transport
