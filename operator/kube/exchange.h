#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include <pplx/pplxtasks.h>

#include "common/base/result.h"
#include "common/time/clock.h"

namespace otlpipe::kube {

// Where cpprestsdk's threads hand one answer over to the thread that asked: status, then the body in pieces,
// then the end. Holds at most about `window` bytes; the sender is told to wait until they are read, so that a
// slow reader slows the connection down instead of filling the memory. Thread safe; shared by both sides,
// because each may outlive the other.
class Exchange {
 public:
  explicit Exchange(std::size_t window) : window_(window) {}

  struct Head {
    int status = 0;
    std::string retry_after = {};
  };

  // --- the library's side ---
  void begin(Head head);
  // Completes when the reader has room again; fails once the reader has left.
  pplx::task<std::size_t> write(const std::uint8_t* data, std::size_t size);
  void end(std::optional<Error> error);

  // --- the reader's side ---
  // Errors: kDeadlineExceeded, kCancelled (stop), or what the transport reported.
  Result<Head> await_head(MonotonicTime deadline, const std::stop_token& stop);
  // The bytes that have arrived since the last call; empty at the end.
  Result<std::string> await_bytes(MonotonicTime deadline, const std::stop_token& stop);
  // The reader leaves: everything that still comes is refused. Returns whether the end had come already.
  bool leave();

 private:
  template <typename Ready>
  Status await(const Ready& ready, MonotonicTime deadline, const std::stop_token& stop,
               std::unique_lock<std::mutex>& lock);
  void release_writer_locked();

  const std::size_t window_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<Head> head_;
  std::string bytes_;
  bool ended_ = false;
  bool left_ = false;
  std::optional<Error> error_;
  std::optional<pplx::task_completion_event<std::size_t>> blocked_;
  std::size_t blocked_size_ = 0;
};

}  // namespace otlpipe::kube
