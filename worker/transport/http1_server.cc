#include "worker/transport/http1_server.h"

#include <utility>

#include "worker/transport/http1_parser.h"
#include "worker/transport/http1_writer.h"

namespace otlpipe::worker::transport {

namespace {

class Http1ServerSession final : public Protocol, private Http1Events {
 public:
  Http1ServerSession(std::shared_ptr<ServerContext> context, Carrier& carrier, std::string peer,
                     MonotonicTime now)
      : context_(std::move(context)),
        carrier_(carrier),
        peer_(std::move(peer)),
        parser_(Http1Parser::Kind::kRequest, context_->options.max_header_bytes, *this),
        last_progress_(now),
        anchor_(std::make_shared<Http1ServerSession*>(this)) {}
  ~Http1ServerSession() override { *anchor_ = nullptr; }

  void receive(ByteView data) override;
  void receive_end() override;
  void produce(OutputQueue& out) override;
  bool wants_input() const override { return !input_over_ && !closing_ && !answer_pending(); }
  bool finished() const override { return closing_ && output_.empty(); }
  void tick(MonotonicTime now) override;
  void begin_drain() override;
  void lost(const Error&) override {
    *anchor_ = nullptr;
    body_.reset();
  }

 private:
  enum class Phase {
    kHead,     // between requests, or in the middle of a head
    kBody,     // the body is wanted
    kHandled,  // the handler has the request
    kDiscard,  // answered, the rest of the body is dropped
  };

  void on_head(Http1Head head) override;
  void on_body(ByteView data) override;
  void on_complete() override;

  bool answer_pending() const { return phase_ == Phase::kHandled; }
  std::size_t parse(ByteView data);  // returns how many bytes were used
  void dispatch();
  void refuse(const Error& error);
  void malformed(const Error& error);
  void answer(HttpResponse response);
  void next_request();

  std::shared_ptr<ServerContext> context_;
  Carrier& carrier_;
  std::string peer_;
  Http1Parser parser_;
  std::string input_;  // not yet parsed: a piece of a head, or pipelined requests
  OutputQueue output_;
  Phase phase_ = Phase::kHead;
  ServerRequest request_;
  std::shared_ptr<ServerHandler> handler_;
  std::optional<RequestBody> body_;
  std::uint64_t generation_ = 0;  // of the request, so that a late answer does not fit the next one
  std::uint64_t discarded_ = 0;
  MonotonicTime last_progress_;
  std::shared_ptr<Http1ServerSession*> anchor_;
  bool head_request_ = false;
  bool version_11_ = true;
  bool complete_ = false;  // the message has been read to its end
  bool progressed_ = true;
  bool close_after_ = false;
  bool input_over_ = false;
  bool closing_ = false;
};

void Http1ServerSession::receive(ByteView data) {
  progressed_ = true;
  if (input_.empty()) {
    const std::size_t used = parse(data);               // a body goes straight to where it is collected
    input_ = std::string(as_text(data.subspan(used)));  // an idle connection holds no memory for it
  } else {
    input_.append(as_text(data));
    input_.erase(0, parse(as_bytes(input_)));
  }
}

void Http1ServerSession::receive_end() {
  input_over_ = true;
  if (!answer_pending()) closing_ = true;  // nothing can complete any more
}

std::size_t Http1ServerSession::parse(ByteView data) {
  std::size_t used = 0;
  while (!closing_ && !answer_pending() && used < data.size()) {
    const auto fed = parser_.feed(data.subspan(used));
    if (!fed) {
      malformed(fed.error());
      break;
    }
    used += *fed;
    if (complete_ && phase_ == Phase::kBody) dispatch();
    if (complete_ && phase_ == Phase::kDiscard) next_request();
    if (*fed == 0) break;
  }
  return used;
}

void Http1ServerSession::on_head(Http1Head head) {
  ++context_->requests;
  ++generation_;
  phase_ = Phase::kBody;
  version_11_ = head.version_11;
  head_request_ = head.method == "HEAD";
  close_after_ = close_after_ || !head.keep_alive;
  request_ = ServerRequest{std::move(head.method), std::move(head.target), std::move(head.headers), peer_};
  handler_ = context_->handler;
  const bool expects = !find_header(request_.headers, "expect").empty();
  if (version_11_ && find_header(request_.headers, "host").empty()) {
    return malformed(Error{Code::kInvalidArgument, "the request has no Host header", {}, {}});
  }
  if (auto refusal = handler_->check_http(request_)) {
    // A client that waits for 100 may or may not send its body now: the connection's meaning is lost.
    close_after_ = close_after_ || expects;
    return answer(std::move(*refusal));
  }
  auto body = RequestBody::open(*context_, request_.headers, ServerProtocol::kHttp);
  if (!body) {
    close_after_ = close_after_ || expects || body.error().code == Code::kResourceExhausted;
    return refuse(body.error());
  }
  body_ = std::move(*body);
  if (expects && version_11_) output_.append("HTTP/1.1 100 Continue\r\n\r\n");
}

void Http1ServerSession::on_body(ByteView data) {
  if (phase_ == Phase::kBody) {
    if (Status taken = body_->append(data); !taken) refuse(taken.error());
    return;
  }
  discarded_ += data.size();
  if (discarded_ > context_->options.max_message_bytes) closing_ = true;
}

void Http1ServerSession::on_complete() {
  complete_ = true;
}

void Http1ServerSession::dispatch() {
  const Status finished = body_->finish(*context_, request_);
  body_.reset();
  if (!finished) return refuse(finished.error());
  phase_ = Phase::kHandled;
  const auto handler = handler_;
  handler->on_http(std::move(request_), [anchor = anchor_, generation = generation_](HttpResponse response) {
    Http1ServerSession* self = *anchor;
    if (self == nullptr || self->generation_ != generation || self->phase_ != Phase::kHandled) return;
    self->answer(std::move(response));
    self->next_request();
    self->carrier_.wake();
  });
}

void Http1ServerSession::refuse(const Error& error) {
  body_.reset();
  answer(handler_->http_refusal(request_, error));
}

void Http1ServerSession::malformed(const Error& error) {
  close_after_ = true;
  if (phase_ == Phase::kDiscard) {  // it has its one answer already
    closing_ = true;
    return;
  }
  HttpResponse response = context_->handler->http_refusal(request_, error);
  if (error.code == Code::kResourceExhausted) response.status = 431;
  answer(std::move(response));
  closing_ = true;
}

void Http1ServerSession::answer(HttpResponse response) {
  phase_ = Phase::kDiscard;
  discarded_ = 0;
  body_.reset();
  write_response_head(output_, response, context_->clock->wall_now(),
                      close_after_ ? Http1Connection::kClose
                                   : (version_11_ ? Http1Connection::kDefault : Http1Connection::kKeepAlive));
  if (!head_request_ && !response.body.empty()) output_.append(Bytes::from(std::move(response.body)));
  if (close_after_) closing_ = true;
}

void Http1ServerSession::next_request() {
  if (!complete_) return;  // the rest of the body comes first
  phase_ = Phase::kHead;
  complete_ = false;
  request_ = {};
  handler_.reset();
  parser_.next();
  progressed_ = true;
  if (input_over_) closing_ = true;
}

void Http1ServerSession::produce(OutputQueue& out) {
  if (!input_.empty() && !answer_pending()) input_.erase(0, parse(as_bytes(input_)));
  output_.move_to(out);
}

void Http1ServerSession::begin_drain() {
  close_after_ = true;
  if (phase_ == Phase::kHead && input_.empty() && !parser_.started()) closing_ = true;
  carrier_.wake();
}

void Http1ServerSession::tick(MonotonicTime now) {
  if (std::exchange(progressed_, false) || answer_pending()) {
    last_progress_ = now;
    return;
  }
  const bool between = phase_ == Phase::kHead && input_.empty();
  const auto limit = between ? context_->options.idle_timeout : context_->options.body_timeout;
  if (closing_ || now - last_progress_ <= limit) return;
  close_after_ = true;
  if (phase_ == Phase::kBody) {
    refuse(Error{Code::kDeadlineExceeded, "the request's body stalled", {}, Retry::backoff()});
  } else if (phase_ == Phase::kHead && !between) {
    HttpResponse response = context_->handler->http_refusal(
        request_, Error{Code::kDeadlineExceeded, "the request's head stalled", {}, Retry::backoff()});
    answer(std::move(response));
  }
  closing_ = true;
}

}  // namespace

std::unique_ptr<Protocol> make_http1_server_session(std::shared_ptr<ServerContext> context, Carrier& carrier,
                                                    std::string peer, MonotonicTime now) {
  return std::make_unique<Http1ServerSession>(std::move(context), carrier, std::move(peer), now);
}

}  // namespace otlpipe::worker::transport
