#include "worker/transport/asio_loop.h"

#include <utility>

#include <boost/asio/post.hpp>

namespace otlpipe::worker::transport {

AsioLoop::AsioLoop()
    : read_buffer_(new std::uint8_t[kReadBufferBytes]),
      context_(1),
      work_(context_.get_executor()),
      timer_(context_) {}

AsioLoop::~AsioLoop() = default;

void AsioLoop::post(Task task) {
  boost::asio::post(context_, std::move(task));
}

EventLoop::TimerId AsioLoop::after(Duration delay, Task task) {
  const TimerId id = timers_.add(now() + delay, std::move(task));
  arm();
  return id;
}

// The Asio timer is left as it is: it wakes once for nothing and arms itself anew.
void AsioLoop::cancel(TimerId timer) {
  timers_.cancel(timer);
}

MonotonicTime AsioLoop::now() const {
  return std::chrono::steady_clock::now();
}

void AsioLoop::arm() {
  const auto next = timers_.next_deadline();
  if (!next || *next >= armed_for_) return;
  armed_for_ = *next;
  timer_.expires_at(std::chrono::time_point_cast<std::chrono::steady_clock::duration>(*next));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) fire();  // otherwise a nearer deadline has replaced this wait
  });
}

void AsioLoop::fire() {
  armed_for_ = MonotonicTime::max();
  // One reading of the clock: timers that tasks add for "now" run in the next round, so sockets are not
  // starved.
  const MonotonicTime current = now();
  while (Task task = timers_.pop_due(current)) task();
  arm();
}

void AsioLoop::run() {
  context_.run();
  context_.restart();
}

void AsioLoop::stop() {
  context_.stop();
}

}  // namespace otlpipe::worker::transport
