#include "worker/transport/connector.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <boost/asio/ip/address.hpp>

namespace otlpipe::worker::transport {

using boost::asio::ip::tcp;
using boost::system::error_code;

namespace {

class Attempt : public std::enable_shared_from_this<Attempt> {
 public:
  Attempt(AsioLoop& loop, std::string where, Duration timeout, std::size_t rotation, Connector::Done done)
      : loop_(loop),
        where_(std::move(where)),
        deadline_(loop.now() + timeout),
        rotation_(rotation),
        done_(std::move(done)),
        resolver_(loop.context()),
        socket_(loop.context()) {}

  void resolve(const std::string& host, std::uint16_t port) {
    timer_ = loop_.after(deadline_ - loop_.now(),
                         [self = shared_from_this()] { self->timed_out("name resolution"); });
    error_code not_an_address;
    const auto address = boost::asio::ip::make_address(host, not_an_address);
    if (!not_an_address) {
      endpoints_.emplace_back(address, port);
      return next();
    }
    resolver_.async_resolve(host, std::to_string(port), tcp::resolver::numeric_service,
                            [self = shared_from_this()](const error_code& error, const auto& results) {
                              if (!self->done_) return;
                              if (error)
                                return self->finish_with("cannot resolve the name: " + error.message());
                              for (const auto& entry : results) self->endpoints_.push_back(entry.endpoint());
                              self->next();
                            });
  }

  void cancel() {
    done_ = nullptr;
    loop_.cancel(timer_);
    error_code ignored;
    resolver_.cancel();
    socket_.close(ignored);
  }

 private:
  void next() {
    loop_.cancel(timer_);
    const Duration left = deadline_ - loop_.now();
    if (tried_ == endpoints_.size()) return finish_with("cannot connect: " + last_error_);
    if (left <= Duration::zero()) return finish_with("cannot connect: timeout");
    const tcp::endpoint endpoint = endpoints_[(rotation_ + tried_) % endpoints_.size()];
    const Duration share = left / static_cast<std::int64_t>(endpoints_.size() - tried_);
    ++tried_;
    const std::size_t attempt = tried_;
    timer_ = loop_.after(share, [self = shared_from_this()] { self->timed_out("connecting"); });
    socket_ = tcp::socket(loop_.context());
    socket_.async_connect(endpoint, [self = shared_from_this(), attempt](const error_code& error) {
      if (!self->done_ || attempt != self->tried_) return;
      if (!error) return self->succeed();
      if (error != boost::asio::error::operation_aborted) self->last_error_ = error.message();
      self->next();
    });
  }

  void timed_out(const char* what) {
    if (!done_) return;
    last_error_ = std::string(what) + " timed out";
    if (endpoints_.empty()) return finish_with(last_error_);
    error_code ignored;
    socket_.close(ignored);  // its handler goes on with the next address
  }

  void succeed() {
    loop_.cancel(timer_);
    std::exchange(done_, nullptr)(std::move(socket_));
  }

  void finish_with(std::string message) {
    loop_.cancel(timer_);
    std::exchange(done_, nullptr)(fail(Code::kUnavailable, std::move(message), where_, Retry::backoff()));
  }

  AsioLoop& loop_;
  std::string where_;
  MonotonicTime deadline_;
  std::size_t rotation_;
  Connector::Done done_;  // null once called or cancelled
  tcp::resolver resolver_;
  tcp::socket socket_;
  std::vector<tcp::endpoint> endpoints_;
  std::size_t tried_ = 0;
  std::string last_error_ = "the name has no address";
  EventLoop::TimerId timer_ = EventLoop::kNoTimer;
};

class Handle final : public Connector {
 public:
  explicit Handle(std::shared_ptr<Attempt> attempt) : attempt_(std::move(attempt)) {}
  ~Handle() override { attempt_->cancel(); }

 private:
  std::shared_ptr<Attempt> attempt_;
};

}  // namespace

std::unique_ptr<Connector> Connector::start(AsioLoop& loop, const std::string& host, std::uint16_t port,
                                            Duration timeout, std::size_t rotation, Done done) {
  auto attempt =
      std::make_shared<Attempt>(loop, host + ":" + std::to_string(port), timeout, rotation, std::move(done));
  attempt->resolve(host, port);
  return std::make_unique<Handle>(std::move(attempt));
}

}  // namespace otlpipe::worker::transport
