#include "tests/support/kube/api_server.h"

#include <atomic>
#include <list>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "common/tls/certificate.h"
#include "tests/support/kube/api_routes.h"

namespace otlpipe::kube::testing {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using SslStream = asio::ssl::stream<tcp::socket&>;

tls::KeyPair must(Result<tls::KeyPair> pair) {
  if (!pair) throw std::runtime_error(pair.error().to_string());
  return std::move(*pair);
}

std::string chunk(const std::string& text) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", text.size());
  return size + text + "\r\n";
}

std::string head(int status, const std::string& extra) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: application/json\r\n" + extra + "\r\n";
}

std::string whole(int status, const std::string& body, const std::string& extra = {}) {
  return head(status, extra + "Content-Length: " + std::to_string(body.size()) + "\r\n") + body;
}

}  // namespace

struct ApiServer::Impl {
  const Options options;
  FakeClient fake = {};
  tls::KeyPair ca = {};
  tls::KeyPair client = {};
  asio::io_context io = {};
  asio::ssl::context ssl{asio::ssl::context::tls_server};
  tcp::acceptor acceptor{io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  std::uint16_t port = acceptor.local_endpoint().port();

  std::mutex mutex = {};
  std::list<tcp::socket*> sockets = {};
  std::map<std::string, Reply> intercepted = {};
  std::string token = options.bearer_token;
  std::atomic<int> accepted{0};
  std::stop_source stop = {};
  std::list<std::thread> threads = {};
  std::thread listener = {};

  void set_up_tls() {
    const auto now = std::chrono::system_clock::now();
    ca = must(tls::create_ca("test-ca", now, std::chrono::hours(1)));
    const auto server =
        must(tls::create_server_certificate(ca, options.names, options.ips, now, std::chrono::hours(1)));
    client = must(tls::create_server_certificate(ca, {"client"}, {}, now, std::chrono::hours(1)));
    ssl.use_certificate_chain(asio::buffer(server.certificate_pem));
    ssl.use_private_key(asio::buffer(server.key_pem), asio::ssl::context::pem);
    if (!options.require_client_cert) return;
    ssl.add_certificate_authority(asio::buffer(ca.certificate_pem));
    ssl.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
    // Made by the maker of server certificates, so not meant for clients; the signature is what counts here.
    ssl.set_verify_callback([](bool ok, asio::ssl::verify_context& context) {
      return ok || X509_STORE_CTX_get_error(context.native_handle()) == X509_V_ERR_INVALID_PURPOSE;
    });
  }

  void listen() {
    for (;;) {
      auto socket = std::make_shared<tcp::socket>(io);
      boost::system::error_code ec;
      acceptor.accept(*socket, ec);
      const std::lock_guard lock(mutex);
      if (ec || stop.stop_requested()) return;
      ++accepted;
      const auto entry = sockets.insert(sockets.end(), socket.get());
      threads.emplace_back([this, socket, entry] {
        try {
          serve_socket(*socket);
        } catch (const std::exception&) {
          // The client left, or the test ended.
        }
        const std::lock_guard closing(mutex);
        sockets.erase(entry);
        boost::system::error_code ignored;
        socket->close(ignored);
      });
    }
  }

  void serve_socket(tcp::socket& socket) {
    if (!options.tls) return serve(socket);
    SslStream stream(socket, ssl);
    stream.handshake(asio::ssl::stream_base::server);
    serve(stream);
  }

  template <typename Stream>
  void serve(Stream& stream) {
    boost::beast::flat_buffer buffer;
    for (;;) {
      http::request<http::string_body> message;
      http::read(stream, buffer, message);
      const RouteRequest request{std::string(message.method_string()), std::string(message.target()),
                                 std::string(message[http::field::content_type]), message.body()};
      if (!answer(stream, request, std::string(message[http::field::authorization]))) return;
    }
  }

  // Whether the connection goes on.
  template <typename Stream>
  bool answer(Stream& stream, const RouteRequest& request, const std::string& authorization) {
    const auto send = [&stream](const std::string& text) { asio::write(stream, asio::buffer(text)); };
    std::optional<Reply> forced;
    {
      const std::lock_guard lock(mutex);
      for (const auto& [part, reply] : intercepted) {
        if (request.target.find(part) != std::string::npos) forced = reply;
      }
      if (!token.empty() && authorization != "Bearer " + token) {
        forced = Reply{401, status_body(401, "Unauthorized", "Unauthorized")};
      }
    }
    if (forced) return answer_forced(send, *forced);
    bool streamed = false;
    const RouteReply reply = route(
        fake, request,
        [&] {
          streamed = true;
          send(head(200, "Transfer-Encoding: chunked\r\n"));
        },
        [&](const std::string& line) { send(chunk(line)); }, stop.get_token());
    send(streamed ? "0\r\n\r\n" : whole(reply.status, reply.body));
    return true;
  }

  template <typename Send>
  bool answer_forced(const Send& send, const Reply& reply) {
    if (reply.stream) {
      send(head(reply.status, reply.extra_headers + "Transfer-Encoding: chunked\r\n"));
      // In odd pieces, as networks do.
      for (std::size_t at = 0; at < reply.body.size(); at += 7) send(chunk(reply.body.substr(at, 7)));
    }
    if (reply.stream || reply.hang) {
      std::mutex own;
      std::condition_variable_any ended;
      std::unique_lock lock(own);
      ended.wait(lock, stop.get_token(), [] { return false; });
      return false;
    }
    send(whole(reply.status, reply.body, reply.extra_headers));
    return true;
  }

  void drop() {
    const std::lock_guard lock(mutex);
    for (tcp::socket* socket : sockets) {
      boost::system::error_code ignored;
      socket->shutdown(tcp::socket::shutdown_both, ignored);
    }
  }
};

ApiServer::ApiServer(Options options) : impl_(new Impl{std::move(options)}) {
  if (impl_->options.tls) impl_->set_up_tls();
  impl_->listener = std::thread([this] { impl_->listen(); });
}

ApiServer::~ApiServer() {
  impl_->stop.request_stop();
  {
    // A connection to itself wakes the listener.
    boost::system::error_code ignored;
    tcp::socket(impl_->io).connect(tcp::endpoint(asio::ip::address_v4::loopback(), impl_->port), ignored);
  }
  impl_->listener.join();
  impl_->drop();
  for (std::thread& thread : impl_->threads) thread.join();
}

FakeClient& ApiServer::fake() {
  return impl_->fake;
}
std::string ApiServer::url() const {
  return (impl_->options.tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(impl_->port);
}
std::uint16_t ApiServer::port() const {
  return impl_->port;
}
std::string ApiServer::ca_pem() const {
  return impl_->ca.certificate_pem;
}
std::string ApiServer::client_cert_pem() const {
  return impl_->client.certificate_pem;
}
std::string ApiServer::client_key_pem() const {
  return impl_->client.key_pem;
}

void ApiServer::intercept(std::string part, Reply reply) {
  const std::lock_guard lock(impl_->mutex);
  impl_->intercepted[std::move(part)] = std::move(reply);
}

void ApiServer::set_token(std::string token) {
  const std::lock_guard lock(impl_->mutex);
  impl_->token = std::move(token);
}

void ApiServer::drop_connections() {
  impl_->drop();
}

int ApiServer::connections() const {
  return impl_->accepted;
}

}  // namespace otlpipe::kube::testing
