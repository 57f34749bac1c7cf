#include "common/http/server.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

namespace otlpipe::http {
namespace {

using boost::asio::ip::tcp;

// Sends raw text and returns all that comes back until the server closes.
std::string exchange(std::uint16_t port, const std::string& text) {
  boost::asio::io_context context;
  tcp::socket socket(context);
  socket.connect({boost::asio::ip::make_address("127.0.0.1"), port});
  boost::asio::write(socket, boost::asio::buffer(text));
  std::string out;
  boost::system::error_code ec;
  boost::asio::read(socket, boost::asio::dynamic_buffer(out), ec);
  return out;
}

std::unique_ptr<Server> echo_server() {
  auto server = Server::start({.address = "127.0.0.1"}, [](std::string_view path) {
    return path == "/livez" ? Response{200, "text/plain", "ok\n"}
                            : Response{404, "text/plain", std::string(path) + "\n"};
  });
  EXPECT_TRUE(server);
  return std::move(*server);
}

TEST(HttpServer, GetReachesTheHandlerWithoutTheQuery) {
  const auto server = echo_server();
  const std::string answer =
      exchange(server->port(), "GET /livez?verbose=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\nok\n")) << answer;
}

TEST(HttpServer, TwoRequestsShareAConnection) {
  const auto server = echo_server();
  const std::string answer =
      exchange(server->port(),
               "GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.find("/a\n"), std::string::npos);
  EXPECT_NE(answer.find("/b\n"), std::string::npos);
}

TEST(HttpServer, OtherMethodsAre405WithAllow) {
  const auto server = echo_server();
  const std::string answer = exchange(
      server->port(), "POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 405 ")) << answer;
  EXPECT_NE(answer.find("Allow: GET, HEAD\r\n"), std::string::npos);
}

TEST(HttpServer, GarbageClosesThatConnectionOnly) {
  const auto server = echo_server();
  exchange(server->port(), "\x16\x03\x01 nonsense\r\n\r\n");
  EXPECT_TRUE(exchange(server->port(), "GET /livez HTTP/1.0\r\n\r\n").starts_with("HTTP/1.0 200 OK"));
}

TEST(HttpServer, AMillionHeaderBytesAreNotRead) {
  const auto server = echo_server();
  const std::string answer = exchange(server->port(), "GET / HTTP/1.1\r\nX: " + std::string(20'000, 'a'));
  EXPECT_EQ(answer, "");
}

TEST(HttpServer, PortInUseIsAnErrorThatNamesIt) {
  const auto server = echo_server();
  const auto second = Server::start({.address = "127.0.0.1", .port = server->port()},
                                    [](std::string_view) { return Response{}; });
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kUnavailable);
  EXPECT_EQ(second.error().where, "127.0.0.1:" + std::to_string(server->port()));
}

TEST(HttpServer, AnAddressThatIsNoneIsAnError) {
  EXPECT_EQ(Server::start({.address = "nowhere"}, [](std::string_view) { return Response{}; }).error().code,
            Code::kInvalidArgument);
}

}  // namespace
}  // namespace otlpipe::http
