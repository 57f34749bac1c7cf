#include "worker/transport/http1_parser.h"

#include <algorithm>
#include <limits>
#include <optional>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace otlpipe::worker::transport {

namespace http = boost::beast::http;
using boost::beast::error_code;
using BeastView = boost::beast::string_view;

namespace {

// "0", CRLF, CRLF: what every chunked body has still to come while it is not complete.
constexpr std::size_t kShortestChunkedEnd = 5;

std::string_view view(BeastView text) {
  return {text.data(), text.size()};
}

std::string lower(BeastView text) {
  std::string out(text.data(), text.size());
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

template <bool kIsRequest>
class BeastParser final : public http::basic_parser<kIsRequest> {
 public:
  BeastParser(std::size_t max_header_bytes, Http1Events& events) : events_(events) {
    this->eager(true);
    this->header_limit(static_cast<std::uint32_t>(max_header_bytes));
    this->body_limit(std::numeric_limits<std::uint64_t>::max());  // the limit is that of the layer above,
                                                                  // which can still answer
  }

 private:
  void on_request_impl(http::verb, BeastView method, BeastView target, int version, error_code&) override {
    head_.method = view(method);
    head_.target = view(target);
    head_.version_11 = version >= 11;
  }
  void on_response_impl(int code, BeastView, int version, error_code&) override {
    head_.status = code;
    head_.version_11 = version >= 11;
  }
  void on_field_impl(http::field, BeastView name, BeastView value, error_code&) override {
    head_.headers.emplace_back(lower(name), view(value));
  }
  void on_header_impl(error_code&) override {
    head_.keep_alive = this->keep_alive();
    head_.chunked = this->chunked();
    events_.on_head(std::move(head_));
  }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(BeastView body, error_code&) override {
    events_.on_body(as_bytes(view(body)));
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, BeastView, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, BeastView body, error_code&) override {
    events_.on_body(as_bytes(view(body)));
    return body.size();
  }
  void on_finish_impl(error_code&) override { events_.on_complete(); }

  Http1Events& events_;
  Http1Head head_;
};

Error parse_error(const error_code& error) {
  if (error == http::error::header_limit) {
    return Error{Code::kResourceExhausted, "the head of the HTTP message is too large", {}, {}};
  }
  return Error{Code::kInvalidArgument, "malformed HTTP message: " + error.message(), {}, {}};
}

}  // namespace

class Http1Parser::Impl {
 public:
  virtual ~Impl() = default;
  virtual Result<std::size_t> feed(ByteView data) = 0;
  virtual bool end() = 0;
  virtual bool started() const = 0;
  virtual void next() = 0;
};

template <bool kIsRequest>
class Http1Parser::Typed final : public Impl {
 public:
  Typed(std::size_t max_header_bytes, Http1Events& events)
      : max_header_bytes_(max_header_bytes), events_(events) {
    next();
  }

  Result<std::size_t> feed(ByteView data) override {
    std::size_t used = 0;
    while (used < data.size() && !parser_->is_done()) {
      error_code error;
      const auto rest = data.subspan(used);
      // Beast asserts that it is not asked again about the last chunk before all of it can be there.
      if (parser_->is_header_done() && parser_->chunked() && rest.size() < kShortestChunkedEnd) break;
      used += parser_->put(boost::asio::const_buffer(rest.data(), rest.size()), error);
      if (error == http::error::need_more) break;
      if (error) return fail(parse_error(error));
    }
    return used;
  }
  bool end() override {
    error_code error;
    if (parser_->is_done()) return true;
    if (!parser_->got_some() || !parser_->is_header_done()) return false;
    parser_->put_eof(error);
    return !error && parser_->is_done();
  }
  bool started() const override { return parser_->got_some(); }
  void next() override { parser_.emplace(max_header_bytes_, events_); }

 private:
  std::size_t max_header_bytes_;
  Http1Events& events_;
  std::optional<BeastParser<kIsRequest>> parser_;
};

Http1Parser::Http1Parser(Kind kind, std::size_t max_header_bytes, Http1Events& events) {
  if (kind == Kind::kRequest) {
    impl_ = std::make_unique<Typed<true>>(max_header_bytes, events);
  } else {
    impl_ = std::make_unique<Typed<false>>(max_header_bytes, events);
  }
}
Http1Parser::~Http1Parser() = default;
Result<std::size_t> Http1Parser::feed(ByteView data) {
  return impl_->feed(data);
}
bool Http1Parser::end() {
  return impl_->end();
}
bool Http1Parser::started() const {
  return impl_->started();
}
void Http1Parser::next() {
  impl_->next();
}

}  // namespace otlpipe::worker::transport
