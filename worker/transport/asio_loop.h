#pragma once

#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "common/concurrency/event_loop.h"
#include "worker/transport/timer_heap.h"

namespace otlpipe::worker::transport {

// EventLoop on a Boost.Asio io_context that one thread runs. All timers share one Asio timer, so that a timer
// costs a heap operation and not a system call.
class AsioLoop final : public EventLoop {
 public:
  AsioLoop();
  ~AsioLoop() override;

  void post(Task task) override;
  TimerId after(Duration delay, Task task) override;
  void cancel(TimerId timer) override;
  MonotonicTime now() const override;

  void run();   // until stop(), which may come first; can be run again
  void stop();  // thread safe

  boost::asio::io_context& context() { return context_; }

  // A buffer that whoever reads a socket on this loop uses until it returns to the loop: idle connections
  // hold none.
  std::uint8_t* read_buffer() { return read_buffer_.get(); }
  static constexpr std::size_t kReadBufferBytes = 64 * 1024;

 private:
  void arm();
  void fire();

  // Before the context: what it destroys at its end may still cancel timers.
  TimerHeap timers_;
  std::unique_ptr<std::uint8_t[]> read_buffer_;
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer timer_;
  MonotonicTime armed_for_ = MonotonicTime::max();
};

}  // namespace otlpipe::worker::transport
