#include "operator/kube/exchange.h"

#include <stdexcept>
#include <utility>

namespace otlpipe::kube {

void Exchange::begin(Head head) {
  const std::lock_guard lock(mutex_);
  head_ = std::move(head);
  changed_.notify_all();
}

pplx::task<std::size_t> Exchange::write(const std::uint8_t* data, std::size_t size) {
  const std::lock_guard lock(mutex_);
  if (left_)
    return pplx::task_from_exception<std::size_t>(std::runtime_error("nobody reads the answer any more"));
  bytes_.append(reinterpret_cast<const char*>(data), size);
  changed_.notify_all();
  if (bytes_.size() < window_) return pplx::task_from_result(size);
  blocked_.emplace();
  blocked_size_ = size;
  return pplx::create_task(*blocked_);
}

void Exchange::end(std::optional<Error> error) {
  const std::lock_guard lock(mutex_);
  if (ended_) return;
  ended_ = true;
  error_ = std::move(error);
  changed_.notify_all();
}

template <typename Ready>
Status Exchange::await(const Ready& ready, MonotonicTime deadline, const std::stop_token& stop,
                       std::unique_lock<std::mutex>& lock) {
  if (changed_.wait_until(lock, stop, deadline, ready)) return {};
  if (stop.stop_requested()) return fail(Code::kCancelled, "the request was stopped");
  return fail(Code::kDeadlineExceeded, "no answer in time", "", Retry::backoff());
}

Result<Exchange::Head> Exchange::await_head(MonotonicTime deadline, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (auto ready = await([this] { return head_ || ended_; }, deadline, stop, lock); !ready) {
    return fail(std::move(ready.error()));
  }
  if (head_) return *head_;
  return fail(error_.value_or(
      Error{Code::kUnavailable, "the connection closed without an answer", "", Retry::backoff()}));
}

Result<std::string> Exchange::await_bytes(MonotonicTime deadline, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (auto ready = await([this] { return !bytes_.empty() || ended_; }, deadline, stop, lock); !ready) {
    return fail(std::move(ready.error()));
  }
  if (bytes_.empty() && error_) return fail(*error_);
  std::string bytes = std::exchange(bytes_, {});
  release_writer_locked();
  return bytes;
}

void Exchange::release_writer_locked() {
  if (!blocked_) return;
  blocked_->set(blocked_size_);
  blocked_.reset();
}

bool Exchange::leave() {
  const std::lock_guard lock(mutex_);
  left_ = true;
  bytes_.clear();
  // The writer wakes to find its next write refused.
  release_writer_locked();
  return ended_;
}

}  // namespace otlpipe::kube
