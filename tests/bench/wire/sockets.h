#pragma once

// TCP sockets and their readiness, non-blocking. Errors come back as text.

#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include <sys/epoll.h>

#include "common/base/result.h"
#include "common/time/clock.h"

namespace otlpipe::bench {

// A file descriptor that is closed with its owner.
class Handle {
 public:
  explicit Handle(int number = -1) : number_(number) {}
  Handle(Handle&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Handle& operator=(Handle&& other) noexcept;
  ~Handle() { reset(); }

  int number() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  void reset();

 private:
  int number_;
};

// IPv4 addresses only; "localhost" is 127.0.0.1.
Result<Handle> connect_tcp(const std::string& host, std::uint16_t port);
struct Listening {
  Handle socket;
  std::uint16_t port = 0;
};
Result<Listening> listen_tcp(std::uint16_t port);  // on 127.0.0.1; 0: any free one
// Invalid when nobody is waiting.
Handle accept_tcp(const Handle& listener);

// Level-triggered epoll. Not thread safe.
class Poller {
 public:
  Poller();
  void watch(int number, std::uint32_t events, void* owner);  // adds or changes
  void forget(int number);
  // What is ready within `limit`; it may be shorter than a millisecond.
  std::span<const epoll_event> wait(Duration limit);

 private:
  Handle handle_;
  epoll_event ready_[64];
};

// What this process has used of the processor so far.
double own_cpu_seconds();

}  // namespace otlpipe::bench
