#include "operator/runtime/thread_group.h"

#include <utility>

namespace otlpipe::runtime {

ThreadGroup::~ThreadGroup() {
  stop_.request_stop();
  for (std::thread& thread : threads_) thread.join();
}

void ThreadGroup::spawn(std::string name, std::function<void(std::stop_token)> body) {
  const std::lock_guard lock(mutex_);
  const auto entry = running_.insert(running_.end(), std::move(name));
  threads_.emplace_back([this, entry, body = std::move(body)] {
    body(stop_.get_token());
    const std::lock_guard ended(mutex_);
    running_.erase(entry);
    changed_.notify_all();
  });
}

bool ThreadGroup::join_until(MonotonicTime deadline) {
  std::unique_lock lock(mutex_);
  while (!running_.empty() && clock_.now() < deadline) clock_.wait_until(lock, changed_, deadline);
  abandoned_ = !running_.empty();
  lock.unlock();
  for (std::thread& thread : threads_) {
    if (abandoned_) {
      thread.detach();
    } else {
      thread.join();
    }
  }
  threads_.clear();
  return !abandoned_;
}

std::string ThreadGroup::running() const {
  const std::lock_guard lock(mutex_);
  std::string text;
  for (const std::string& name : running_) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace otlpipe::runtime
