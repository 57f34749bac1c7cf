#include "common/http/server.h"

#include <chrono>
#include <mutex>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

namespace otlpipe::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using tcp = asio::ip::tcp;

// One connection; lives as long as one of its operations is under way.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, const ServerOptions& options, const Handler& handler, std::size_t& open)
      : stream_(std::move(socket)), options_(options), handler_(handler), open_(open) {
    ++open_;
  }
  ~Session() { --open_; }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void read() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(options_.max_request_bytes));
    parser_->body_limit(options_.max_request_bytes);
    stream_.expires_after(std::chrono::seconds(options_.timeout_seconds));
    bhttp::async_read(stream_, buffer_, *parser_,
                      [self = shared_from_this()](beast::error_code ec, std::size_t) {
                        if (!ec) self->answer();
                      });
  }

 private:
  void answer() {
    const auto& request = parser_->get();
    Response made;
    const bool head = request.method() == bhttp::verb::head;
    if (request.method() != bhttp::verb::get && !head) {
      made = {405, "text/plain; charset=utf-8", "only GET and HEAD are answered here\n"};
    } else {
      const std::string target(request.target());
      made = handler_(std::string_view(target).substr(0, target.find('?')));
    }
    response_ = {};
    response_.version(request.version());
    response_.result(static_cast<unsigned>(made.status));
    response_.set(bhttp::field::content_type, made.content_type);
    if (made.status == 405) response_.set(bhttp::field::allow, "GET, HEAD");
    response_.keep_alive(request.keep_alive());
    response_.content_length(made.body.size());
    if (!head) response_.body() = std::move(made.body);
    stream_.expires_after(std::chrono::seconds(options_.timeout_seconds));
    bhttp::async_write(stream_, response_, [self = shared_from_this()](beast::error_code ec, std::size_t) {
      if (!ec && self->response_.keep_alive()) {
        self->read();
      } else {
        beast::error_code ignored;
        self->stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
      }
    });
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<bhttp::request_parser<bhttp::string_body>> parser_;
  bhttp::response<bhttp::string_body> response_;
  const ServerOptions& options_;
  const Handler& handler_;
  std::size_t& open_;
};

class AsioServer final : public Server {
 public:
  AsioServer(ServerOptions options, Handler handler)
      : options_(std::move(options)), handler_(std::move(handler)), acceptor_(context_), pause_(context_) {}

  ~AsioServer() override {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }
  AsioServer(const AsioServer&) = delete;
  AsioServer& operator=(const AsioServer&) = delete;

  Status open() {
    const std::string where = options_.address + ":" + std::to_string(options_.port);
    boost::system::error_code ec;
    const auto address = asio::ip::make_address(options_.address, ec);
    if (ec) return fail(Code::kInvalidArgument, "\"" + options_.address + "\" is not an IP address", where);
    const tcp::endpoint endpoint(address, options_.port);
    acceptor_.open(endpoint.protocol(), ec);
    if (!ec) acceptor_.set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec) acceptor_.bind(endpoint, ec);
    if (!ec) acceptor_.listen(asio::socket_base::max_listen_connections, ec);
    if (ec) return fail(Code::kUnavailable, "cannot listen: " + ec.message(), where);
    port_ = acceptor_.local_endpoint().port();
    accept();
    thread_ = std::thread([this] { context_.run(); });
    return {};
  }

  std::uint16_t port() const override { return port_; }

 private:
  void accept() {
    acceptor_.async_accept([this](beast::error_code ec, tcp::socket socket) {
      if (ec == asio::error::operation_aborted) return;
      if (ec) {  // out of file descriptors, most likely: trying at once would spin
        pause_.expires_after(std::chrono::milliseconds(100));
        return pause_.async_wait([this](beast::error_code stopped) {
          if (!stopped) accept();
        });
      }
      if (open_ < options_.max_connections) {
        std::make_shared<Session>(std::move(socket), options_, handler_, open_)->read();
      }
      accept();
    });
  }

  const ServerOptions options_;
  const Handler handler_;
  std::size_t open_ = 0;  // before the context: sessions that the context destroys still count down
  asio::io_context context_{1};
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options, Handler handler) {
  auto server = std::make_unique<AsioServer>(options, std::move(handler));
  if (auto opened = server->open(); !opened) return fail(opened.error());
  return server;
}

}  // namespace otlpipe::http
