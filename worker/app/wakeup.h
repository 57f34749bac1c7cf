#pragma once

#include <cstdint>

#include <sys/eventfd.h>
#include <unistd.h>

namespace otlpipe::worker::app {

// Wakes a thread that polls. `wake` is thread safe.
class Wakeup {
 public:
  Wakeup() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  ~Wakeup() { close(fd_); }
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;

  int fd() const { return fd_; }
  void wake() const {
    const std::uint64_t one = 1;
    static_cast<void>(!write(fd_, &one, sizeof one));
  }
  void clear() const {
    std::uint64_t count = 0;
    static_cast<void>(!read(fd_, &count, sizeof count));
  }

 private:
  int fd_;
};

}  // namespace otlpipe::worker::app
