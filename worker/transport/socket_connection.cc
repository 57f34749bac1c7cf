#include "worker/transport/socket_connection.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/socket.h>
#include <sys/uio.h>

namespace otlpipe::worker::transport {

namespace asio = boost::asio;

namespace {

constexpr Duration kLinger = std::chrono::seconds(1);
constexpr int kReadsPerTurn = 16;  // then other connections of the loop have their turn
constexpr std::size_t kGatherPieces = 64;

Error io_error(const char* what, int code) {
  return Error{Code::kUnavailable, std::string(what) + ": " + std::strerror(code), {}, Retry::backoff()};
}

}  // namespace

SocketConnection::SocketConnection(AsioLoop& loop, asio::ip::tcp::socket socket,
                                   std::shared_ptr<Totals> totals, Duration write_timeout)
    : loop_(loop),
      socket_(std::move(socket)),
      totals_(std::move(totals)),
      write_timeout_(write_timeout),
      write_progress_(loop.now()) {}

SocketConnection::~SocketConnection() = default;

void SocketConnection::start(std::unique_ptr<Protocol> protocol, std::function<void()> closed) {
  protocol_ = std::move(protocol);
  closed_ = std::move(closed);
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  wait_readable();
  wake();
}

void SocketConnection::wake() {
  if (in_turn_ || wake_posted_ || ended_) return;
  wake_posted_ = true;
  // Posted and not run at once: all answers of one turn of the loop leave in one write.
  loop_.post([self = shared_from_this()] {
    self->wake_posted_ = false;
    if (!self->ended_) self->after_activity();
  });
}

void SocketConnection::tick() {
  if (ended_ || lingering_) return;
  const MonotonicTime now = loop_.now();
  if (out_.empty() || progressed_) {
    progressed_ = false;
    write_progress_ = now;
  } else if (now - write_progress_ > write_timeout_) {
    const Error stalled{Code::kUnavailable, "the peer takes no data", {}, Retry::backoff()};
    return end(&stalled);
  }
  protocol_->tick(now);
  after_activity();
}

void SocketConnection::drain() {
  if (ended_ || lingering_ || !read_available()) return;
  protocol_->begin_drain();
  after_activity();
}

void SocketConnection::close(const Error& reason) {
  end(&reason);
}

void SocketConnection::wait_readable() {
  if (reading_ || ended_ || input_ended_) return;
  reading_ = true;
  socket_.async_wait(asio::ip::tcp::socket::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       self->reading_ = false;
                       if (self->ended_ || error) return;
                       self->on_readable();
                     });
}

void SocketConnection::on_readable() {
  if (read_available()) after_activity();
}

bool SocketConnection::read_available() {
  in_turn_ = true;
  for (int round = 0; round < kReadsPerTurn; ++round) {
    if (!lingering_ && !protocol_->wants_input()) break;
    const ssize_t got = ::recv(socket_.native_handle(), loop_.read_buffer(), AsioLoop::kReadBufferBytes, 0);
    if (got < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) break;
      const Error reason = io_error("connection lost", errno);
      in_turn_ = false;
      end(&reason);
      return false;
    }
    if (got == 0) {
      input_ended_ = true;
      if (!lingering_) protocol_->receive_end();
      if (ended_) return false;
      break;
    }
    const auto bytes = static_cast<std::size_t>(got);
    totals_->bytes_read += bytes;
    if (!lingering_) protocol_->receive({loop_.read_buffer(), bytes});
    if (ended_) return false;
    if (bytes < AsioLoop::kReadBufferBytes) break;  // the socket is empty, no need to ask
  }
  in_turn_ = false;
  if (!lingering_ || !input_ended_) return true;
  end(nullptr);
  return false;
}

void SocketConnection::after_activity() {
  if (lingering_) return wait_readable();
  if (!protocol_->aborted()) flush();
  if (ended_) return;
  if (protocol_->aborted()) return end(nullptr);
  if (out_.empty() && protocol_->finished()) return linger();
  if (protocol_->wants_input()) wait_readable();
}

void SocketConnection::flush() {
  in_turn_ = true;
  while (!writing_ && !ended_) {
    protocol_->produce(out_);
    if (out_.empty()) break;
    if (!write_some()) break;
  }
  in_turn_ = false;
}

bool SocketConnection::write_some() {
  std::array<iovec, kGatherPieces> pieces;
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = out_.gather(pieces.data(), pieces.size());
  const ssize_t sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
  if (sent >= 0) {
    out_.consume(static_cast<std::size_t>(sent));
    totals_->bytes_written += static_cast<std::uint64_t>(sent);
    progressed_ = true;
    return true;
  }
  if (errno == EINTR) return true;
  if (errno != EAGAIN && errno != EWOULDBLOCK) {
    const Error reason = io_error("connection lost", errno);
    end(&reason);
    return false;
  }
  writing_ = true;
  socket_.async_wait(asio::ip::tcp::socket::wait_write,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       self->writing_ = false;
                       if (!self->ended_ && !error) self->after_activity();
                     });
  return false;
}

// Closing a socket that holds unread input resets the connection, and the reset may overtake the last answer.
// So the write side is closed first, and what still comes in is dropped for a moment.
void SocketConnection::linger() {
  if (input_ended_) return end(nullptr);
  lingering_ = true;
  boost::system::error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  linger_timer_ = loop_.after(kLinger, [self = shared_from_this()] {
    self->linger_timer_ = EventLoop::kNoTimer;
    self->end(nullptr);
  });
  wait_readable();
}

void SocketConnection::end(const Error* reason) {
  if (ended_) return;
  ended_ = true;
  in_turn_ = false;
  const auto self = shared_from_this();
  loop_.cancel(linger_timer_);
  boost::system::error_code ignored;
  socket_.close(ignored);
  const Error finished{Code::kUnavailable, "the connection was closed", {}, Retry::backoff()};
  protocol_->lost(reason ? *reason : finished);
  out_.clear();
  auto closed = std::move(closed_);
  closed_ = nullptr;
  // The protocol may be on the stack that led here.
  loop_.post([self, closed = std::move(closed)] {
    self->protocol_.reset();
    if (closed) closed();
  });
}

}  // namespace otlpipe::worker::transport
