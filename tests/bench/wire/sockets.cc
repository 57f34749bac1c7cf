#include "tests/bench/wire/sockets.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace otlpipe::bench {
namespace {

Error system_error(const std::string& what) {
  return Error{Code::kUnavailable, what + ": " + std::strerror(errno), {}, {}};
}

void answer_at_once(int number) {
  const int on = 1;
  setsockopt(number, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

Handle& Handle::operator=(Handle&& other) noexcept {
  if (this != &other) {
    reset();
    number_ = std::exchange(other.number_, -1);
  }
  return *this;
}

void Handle::reset() {
  if (number_ >= 0) close(number_);
  number_ = -1;
}

Result<Handle> connect_tcp(const std::string& host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host.c_str(), &address.sin_addr) != 1) {
    return fail(Code::kInvalidArgument, "not an IPv4 address: " + host);
  }
  Handle out(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!out || connect(out.number(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return fail(system_error("cannot connect to " + host + ":" + std::to_string(port)));
  }
  // Connecting waits, because on one machine it takes no time; everything after it uses MSG_DONTWAIT.
  answer_at_once(out.number());
  return out;
}

Result<Listening> listen_tcp(std::uint16_t port) {
  Listening out;
  out.socket = Handle(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  setsockopt(out.socket.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (bind(out.socket.number(), raw, size) != 0 || listen(out.socket.number(), 128) != 0 ||
      getsockname(out.socket.number(), raw, &size) != 0) {
    return fail(system_error("cannot listen on port " + std::to_string(port)));
  }
  out.port = ntohs(address.sin_port);
  return out;
}

Handle accept_tcp(const Handle& listener) {
  Handle out(accept4(listener.number(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (out) answer_at_once(out.number());
  return out;
}

Poller::Poller() : handle_(epoll_create1(EPOLL_CLOEXEC)) {}

void Poller::watch(int number, std::uint32_t events, void* owner) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = owner;
  if (epoll_ctl(handle_.number(), EPOLL_CTL_MOD, number, &event) != 0) {
    epoll_ctl(handle_.number(), EPOLL_CTL_ADD, number, &event);
  }
}

void Poller::forget(int number) {
  epoll_ctl(handle_.number(), EPOLL_CTL_DEL, number, nullptr);
}

std::span<const epoll_event> Poller::wait(Duration limit) {
  const auto ns = std::max<std::int64_t>(0, limit.count());
  const timespec wait{ns / 1'000'000'000, ns % 1'000'000'000};
  const int n = epoll_pwait2(handle_.number(), ready_, static_cast<int>(std::size(ready_)), &wait, nullptr);
  return {ready_, static_cast<std::size_t>(std::max(n, 0))};
}

double own_cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace otlpipe::bench
