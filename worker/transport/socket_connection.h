#pragma once

#include <functional>
#include <memory>

#include <boost/asio/ip/tcp.hpp>

#include "worker/transport/asio_loop.h"
#include "worker/transport/protocol.h"

namespace otlpipe::worker::transport {

// A connected TCP socket that carries a Protocol. Reads into the loop's shared buffer when the socket is
// readable, writes everything that is queued with one gather write a turn. Lives on its loop; kept alive by
// its own pending waits.
class SocketConnection final : public Carrier, public std::enable_shared_from_this<SocketConnection> {
 public:
  struct Totals {  // shared by all connections of a server or client
    std::uint64_t bytes_read = 0;
    std::uint64_t bytes_written = 0;
  };

  // A peer that takes none of the bytes that wait for it during `write_timeout` is given up.
  SocketConnection(AsioLoop& loop, boost::asio::ip::tcp::socket socket, std::shared_ptr<Totals> totals,
                   Duration write_timeout);
  ~SocketConnection() override;

  // Begins reading and writing. `closed` is called once, from the loop, after the socket is closed for
  // whatever reason.
  void start(std::unique_ptr<Protocol> protocol, std::function<void()> closed);

  Protocol* protocol() { return protocol_.get(); }  // null once closed
  void tick();
  // Takes in what has arrived already, then lets the protocol drain: a request that is in the socket is not
  // lost.
  void drain();
  void wake() override;
  // Closes at once; the protocol is told through lost().
  void close(const Error& reason);

 private:
  void wait_readable();
  void on_readable();
  bool read_available();  // false when the connection ended
  void flush();
  bool write_some();  // false when the connection broke
  void after_activity();
  void linger();
  void end(const Error* reason);

  AsioLoop& loop_;
  boost::asio::ip::tcp::socket socket_;
  std::shared_ptr<Totals> totals_;
  std::unique_ptr<Protocol> protocol_;
  std::function<void()> closed_;
  OutputQueue out_;
  Duration write_timeout_;
  EventLoop::TimerId linger_timer_ = EventLoop::kNoTimer;
  MonotonicTime write_progress_;
  bool progressed_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool wake_posted_ = false;
  bool in_turn_ = false;  // a flush follows anyway
  bool input_ended_ = false;
  bool lingering_ = false;
  bool ended_ = false;
};

}  // namespace otlpipe::worker::transport
