#include <utility>

#include "worker/transport/body_buffer.h"
#include "worker/transport/client_session.h"
#include "worker/transport/http1_parser.h"
#include "worker/transport/http1_writer.h"

namespace otlpipe::worker::transport {

namespace {

constexpr std::size_t kMaxHeaderBytes = 64u << 10;

class Http1ClientSession final : public Protocol, public ClientSession, private Http1Events {
 public:
  Http1ClientSession(std::shared_ptr<const ClientContext> context, ClientSessionEvents& events,
                     Carrier& carrier, MonotonicTime now)
      : context_(std::move(context)),
        events_(events),
        carrier_(carrier),
        parser_(Http1Parser::Kind::kResponse, kMaxHeaderBytes, *this),
        idle_since_(now) {}

  void receive(ByteView data) override;
  void receive_end() override;
  void produce(OutputQueue& out) override { output_.move_to(out); }
  bool wants_input() const override { return !closing_; }
  bool finished() const override { return closing_ && output_.empty(); }
  bool aborted() const override { return aborted_; }
  void tick(MonotonicTime now) override;
  void begin_drain() override {
    closing_ = closing_ || !call_;
    carrier_.wake();
  }
  void lost(const Error& reason) override;

  void start(ClientCallPtr call) override;
  void cancel(const ClientCallPtr& call) override;
  std::size_t capacity() const override { return !closing_ && !call_ ? 1 : 0; }
  bool open_for_more() const override { return !closing_; }

 private:
  void on_head(Http1Head head) override;
  void on_body(ByteView data) override;
  void on_complete() override { complete_ = true; }
  void finish(Result<ClientResponse> result);
  void break_off(const Error& reason);
  Result<ClientResponse> collect();

  std::shared_ptr<const ClientContext> context_;
  ClientSessionEvents& events_;
  Carrier& carrier_;
  Http1Parser parser_;
  std::string input_;  // a piece of a head
  OutputQueue output_;
  ClientCallPtr call_;
  ClientResponse response_;
  BodyBuffer body_;
  std::optional<Error> broken_;  // why the body is of no use
  MonotonicTime idle_since_;
  std::uint64_t answered_ = 0;
  bool keep_alive_ = true;
  bool complete_ = false;
  bool heard_ = false;  // any byte of the answer to call_
  bool closing_ = false;
  bool aborted_ = false;
};

void Http1ClientSession::start(ClientCallPtr call) {
  call_ = std::move(call);
  response_ = {};
  body_ = BodyBuffer(nullptr, context_->options.max_response_bytes);
  broken_.reset();
  heard_ = complete_ = false;
  const ClientRequest& request = call_->request;
  const bool compressed = request.compression != Compression::kNone;
  write_request_head(output_, request, context_->options,
                     compressed ? compression::to_string(request.compression) : std::string_view(),
                     call_->body_bytes);
  for (const Bytes& part : request.body) output_.append(part);
  carrier_.wake();
}

// HTTP/1.1 has no way to take a request back but to close the connection.
void Http1ClientSession::cancel(const ClientCallPtr& call) {
  if (call != call_) return;
  call_.reset();
  closing_ = aborted_ = true;
  carrier_.wake();
}

void Http1ClientSession::receive(ByteView data) {
  if (!call_) {
    closing_ = true;  // nobody asked: a time-out notice, most likely, before the server closes
    return;
  }
  heard_ = true;
  input_.append(as_text(data));
  std::size_t used = 0;
  while (used < input_.size() && !complete_) {
    const auto fed = parser_.feed(as_bytes(std::string_view(input_).substr(used)));
    if (!fed) return break_off(Error{Code::kUnavailable, fed.error().message, {}, Retry::backoff()});
    used += *fed;
    if (complete_ && response_.http_status >= 100 && response_.http_status < 200) {
      complete_ = false;  // informational: the answer itself follows
      parser_.next();
    } else if (*fed == 0) {
      break;
    }
  }
  input_.erase(0, used);
  if (complete_) finish(collect());
}

void Http1ClientSession::receive_end() {
  if (call_ && heard_ && parser_.end() && complete_) finish(collect());
  if (call_) lost(Error{Code::kUnavailable, "the peer closed the connection", {}, Retry::backoff()});
  closing_ = true;
}

void Http1ClientSession::on_head(Http1Head head) {
  response_.http_status = head.status;
  response_.headers = std::move(head.headers);
  keep_alive_ = head.keep_alive;
}

void Http1ClientSession::on_body(ByteView data) {
  if (broken_) return;
  if (Status taken = body_.append(data); !taken) broken_ = taken.error().in("the answer");
}

Result<ClientResponse> Http1ClientSession::collect() {
  // The status alone tells what to do with the request: a body that is of no use does not make an answer an
  // error.
  if (broken_) return std::move(response_);
  const auto encoding = compression::parse_compression(find_header(response_.headers, "content-encoding"));
  if (!encoding || body_.size() == 0) return std::move(response_);
  if (*encoding == Compression::kNone) {
    response_.body = as_text(body_.view());
    return std::move(response_);
  }
  auto inflated =
      context_->decompressor->decompress(*encoding, body_.view(), context_->options.max_response_bytes, {});
  if (inflated) response_.body = as_text(inflated->content.view());
  return std::move(response_);
}

void Http1ClientSession::finish(Result<ClientResponse> result) {
  ++answered_;
  closing_ = closing_ || !keep_alive_ || !input_.empty();
  parser_.next();
  body_.drop();
  events_.on_answer(std::exchange(call_, nullptr), std::move(result));
  events_.on_capacity();
}

void Http1ClientSession::break_off(const Error& reason) {
  closing_ = aborted_ = true;
  events_.on_answer(std::exchange(call_, nullptr), fail(reason));
  events_.on_capacity();
}

void Http1ClientSession::lost(const Error& reason) {
  closing_ = true;
  if (!call_) return;
  // A kept connection may have been closed by the peer just as it was used again. Nothing was heard, so the
  // request goes once to a new connection. The peer may have taken it all the same: OTLP is at-least-once.
  if (answered_ > 0 && !heard_) {
    events_.on_unprocessed(std::exchange(call_, nullptr), reason);
  } else {
    events_.on_answer(std::exchange(call_, nullptr), fail(reason));
  }
}

void Http1ClientSession::tick(MonotonicTime now) {
  if (call_) {
    idle_since_ = now;
  } else if (now - idle_since_ > context_->options.idle_timeout) {
    closing_ = true;
  }
}

}  // namespace

ClientSessionParts make_http1_client_session(std::shared_ptr<const ClientContext> context,
                                             ClientSessionEvents& events, Carrier& carrier,
                                             MonotonicTime now) {
  auto session = std::make_unique<Http1ClientSession>(std::move(context), events, carrier, now);
  ClientSession* calls = session.get();
  return {std::move(session), calls};
}

}  // namespace otlpipe::worker::transport
