#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace otlpipe::control {

// A few threads for jobs that block, with a bound on what waits. Thread safe.
class JobPool {
 public:
  JobPool(int threads, std::size_t max_waiting);
  ~JobPool();

  // False when too many wait, or after stop().
  bool add(std::function<void()> job);
  // Drops what waits, and returns when what runs has ended.
  void stop();

 private:
  void work();

  const std::size_t max_waiting_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace otlpipe::control
