#include "worker/transport/asio_server.h"

#include <algorithm>
#include <list>
#include <random>
#include <string>
#include <utility>

#include <boost/asio/ip/address.hpp>
#include <sys/socket.h>

#include "worker/transport/http2_server.h"
#include "worker/transport/sniffing_session.h"
#include "worker/transport/socket_connection.h"

namespace otlpipe::worker::transport {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr Duration kAcceptPause = std::chrono::milliseconds(100);
constexpr int kBacklog = 4096;
constexpr std::uint16_t kFirstUnprivilegedPort = 1024;

// Timeouts are looked at by a sweep over all connections: none of them costs anything per request. A timeout
// is late by one sweep at most.
Duration sweep_interval(const ServerOptions& options) {
  auto least = std::min({options.idle_timeout, options.body_timeout, options.keepalive_interval,
                         options.keepalive_timeout, options.max_connection_age_grace});
  if (options.max_connection_age.count() > 0) least = std::min(least, options.max_connection_age);
  return std::clamp<Duration>(least / 4, std::chrono::milliseconds(5), std::chrono::seconds(1));
}

std::string text_of(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  const std::string port = std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

Code code_of(const error_code& error) {
  if (error == asio::error::address_in_use) return Code::kAlreadyExists;
  if (error == asio::error::access_denied) return Code::kPermissionDenied;
  return Code::kUnavailable;
}

class AsioServer final : public Server {
 public:
  AsioServer(AsioLoop& loop, std::shared_ptr<ServerContext> context)
      : loop_(loop), context_(std::move(context)), acceptor_(loop.context()) {}
  ~AsioServer() override;

  Status listen();

  std::uint16_t port() const override { return port_; }
  void set_handler(std::shared_ptr<ServerHandler> handler) override {
    context_->handler = std::move(handler);
  }
  void drain(std::chrono::milliseconds grace, std::function<void()> done) override;
  ServerStats stats() const override;

 private:
  struct Entry {
    std::shared_ptr<SocketConnection> connection;
    MonotonicTime drain_at = MonotonicTime::max();
    MonotonicTime close_at = MonotonicTime::max();
  };

  void accept();
  void accepted(tcp::socket socket);
  void sweep();
  void schedule_sweep();
  void drain_connections();
  void check_drained();

  AsioLoop& loop_;
  std::shared_ptr<ServerContext> context_;
  tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  std::list<Entry> entries_;
  std::shared_ptr<SocketConnection::Totals> totals_ = std::make_shared<SocketConnection::Totals>();
  std::uint64_t opened_ = 0;
  EventLoop::TimerId sweep_timer_ = EventLoop::kNoTimer;
  EventLoop::TimerId accept_timer_ = EventLoop::kNoTimer;
  EventLoop::TimerId grace_timer_ = EventLoop::kNoTimer;
  std::function<void()> drained_;
  bool draining_ = false;
  std::minstd_rand jitter_{std::random_device{}()};
  std::shared_ptr<int> alive_ = std::make_shared<int>();  // what callbacks that outlive the server look at
};

AsioServer::~AsioServer() {
  loop_.cancel(sweep_timer_);
  loop_.cancel(accept_timer_);
  loop_.cancel(grace_timer_);
  error_code ignored;
  acceptor_.close(ignored);
  const Error closed{Code::kCancelled, "the server was closed", {}, {}};
  for (const Entry& entry : entries_) entry.connection->close(closed);
}

Status AsioServer::listen() {
  const ServerOptions& options = context_->options;
  const std::string where = options.address + ":" + std::to_string(options.port);
  error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) return fail(Code::kInvalidArgument, "not an IP address to listen on", options.address);
  const tcp::endpoint endpoint(address, options.port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && options.reuse_port) {
    acceptor_.set_option(asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>(true), error);
  }
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(kBacklog, error);
  if (!error) port_ = acceptor_.local_endpoint(error).port();
  if (error) {
    const bool privileged = error == asio::error::access_denied && options.port < kFirstUnprivilegedPort;
    return fail(code_of(error),
                "cannot listen: " + error.message() +
                    (privileged ? "; ports below 1024 need a privilege, take one from 1024 to 65535" : ""),
                where);
  }
  accept();
  return {};
}

void AsioServer::accept() {
  acceptor_.async_accept(
      [this, alive = std::weak_ptr<int>(alive_)](const error_code& error, tcp::socket socket) {
        if (alive.expired() || error == asio::error::operation_aborted || !acceptor_.is_open()) return;
        if (!error) {
          accepted(std::move(socket));
          return accept();
        }
        // Out of file descriptors, most likely: trying at once would spin.
        accept_timer_ = loop_.after(kAcceptPause, [this] { accept(); });
      });
}

void AsioServer::accepted(tcp::socket socket) {
  error_code error;
  const auto remote = socket.remote_endpoint(error);
  if (error || entries_.size() >= context_->options.max_connections) return;  // the socket closes here
  ++opened_;
  const MonotonicTime now = loop_.now();
  const auto entry = entries_.emplace(entries_.end());
  entry->connection =
      std::make_shared<SocketConnection>(loop_, std::move(socket), totals_, context_->options.body_timeout);
  if (const auto age = context_->options.max_connection_age; age.count() > 0) {
    std::uniform_real_distribution<double> spread(0.9, 1.1);
    entry->drain_at = now + std::chrono::duration_cast<Duration>(age * spread(jitter_));
  }
  auto protocol = context_->options.protocol == ServerProtocol::kGrpc
                      ? make_http2_server_session(context_, *entry->connection, text_of(remote), now)
                      : make_sniffing_session(context_, *entry->connection, text_of(remote), now);
  entry->connection->start(std::move(protocol), [this, entry, alive = std::weak_ptr<int>(alive_)] {
    if (alive.expired()) return;
    entries_.erase(entry);
    check_drained();
  });
  schedule_sweep();
}

void AsioServer::schedule_sweep() {
  if (sweep_timer_ != EventLoop::kNoTimer || entries_.empty()) return;
  sweep_timer_ = loop_.after(sweep_interval(context_->options), [this] {
    sweep_timer_ = EventLoop::kNoTimer;
    sweep();
    schedule_sweep();
  });
}

void AsioServer::sweep() {
  const MonotonicTime now = loop_.now();
  const Error too_old{Code::kUnavailable, "the connection's age and grace are over", {}, {}};
  for (Entry& entry : entries_) {
    if (entry.drain_at <= now) {
      entry.drain_at = MonotonicTime::max();
      entry.close_at = now + context_->options.max_connection_age_grace;
      entry.connection->drain();
    }
    entry.connection->tick();
    if (entry.close_at <= now) entry.connection->close(too_old);
  }
}

void AsioServer::drain(std::chrono::milliseconds grace, std::function<void()> done) {
  if (std::exchange(draining_, true)) return;
  drained_ = std::move(done);
  grace_timer_ = loop_.after(grace, [this] {
    const Error over{Code::kUnavailable, "the server's drain is over", {}, {}};
    for (const Entry& entry : entries_) entry.connection->close(over);
  });
  // Not at once: the caller may be a handler, in the middle of what a connection has read.
  loop_.post([this, alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired()) drain_connections();
  });
}

void AsioServer::drain_connections() {
  loop_.cancel(accept_timer_);
  // Connections that the kernel has accepted would be reset with the listening socket.
  error_code error;
  acceptor_.non_blocking(true, error);
  while (!error) {
    tcp::socket socket(loop_.context());
    acceptor_.accept(socket, error);
    if (!error) accepted(std::move(socket));
  }
  acceptor_.close(error);
  for (const Entry& entry : entries_) entry.connection->drain();
  check_drained();
}

void AsioServer::check_drained() {
  if (!draining_ || !entries_.empty() || !drained_) return;
  loop_.cancel(grace_timer_);
  auto done = std::exchange(drained_, nullptr);
  done();  // may destroy the server
}

ServerStats AsioServer::stats() const {
  ServerStats stats;
  stats.connections_opened = opened_;
  stats.connections_open = entries_.size();
  stats.requests = context_->requests;
  stats.bytes_read = totals_->bytes_read;
  stats.bytes_written = totals_->bytes_written;
  return stats;
}

}  // namespace

Result<std::unique_ptr<Server>> make_asio_server(AsioLoop& loop, const ServerOptions& options,
                                                 std::shared_ptr<ServerHandler> handler,
                                                 std::shared_ptr<MemoryBudget> budget,
                                                 std::shared_ptr<compression::Decompressor> decompressor,
                                                 const Clock& clock) {
  auto context = std::make_shared<ServerContext>();
  context->options = options;
  context->handler = std::move(handler);
  context->budget = std::move(budget);
  context->decompressor = std::move(decompressor);
  context->clock = &clock;
  auto server = std::make_unique<AsioServer>(loop, std::move(context));
  if (Status listening = server->listen(); !listening) return fail(listening.error());
  return server;
}

}  // namespace otlpipe::worker::transport
