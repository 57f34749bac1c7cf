#pragma once

#include <cstddef>
#include <memory>
#include <utility>

namespace otlpipe::worker::transport {

// Byte credits for bodies that are being read or processed. Taken before a body is read (or inflated), given
// back when the credit is destroyed, which may happen on any thread. One budget serves all cores; thread
// safe.
class MemoryBudget {
 public:
  virtual ~MemoryBudget() = default;
  virtual bool try_acquire(std::size_t bytes) = 0;  // all or nothing
  virtual void release(std::size_t bytes) = 0;
};

// A move-only share of a MemoryBudget.
class MemoryCredit {
 public:
  MemoryCredit() = default;
  MemoryCredit(std::shared_ptr<MemoryBudget> budget, std::size_t bytes)
      : budget_(std::move(budget)), bytes_(bytes) {}
  MemoryCredit(MemoryCredit&& other) noexcept
      : budget_(std::move(other.budget_)), bytes_(std::exchange(other.bytes_, 0)) {}
  MemoryCredit& operator=(MemoryCredit&& other) noexcept {
    if (this != &other) {
      reset();
      budget_ = std::move(other.budget_);
      bytes_ = std::exchange(other.bytes_, 0);
    }
    return *this;
  }
  MemoryCredit(const MemoryCredit&) = delete;
  MemoryCredit& operator=(const MemoryCredit&) = delete;
  ~MemoryCredit() { reset(); }

  std::size_t bytes() const { return bytes_; }
  // Whether there is a budget at all; without one, grow() fails.
  bool limited() const { return budget_ != nullptr; }
  // Takes `more` bytes on top; false (and nothing taken) when the budget has no room.
  bool grow(std::size_t more) {
    if (!budget_ || !budget_->try_acquire(more)) return false;
    bytes_ += more;
    return true;
  }
  // Gives `less` bytes back, at most bytes().
  void shrink(std::size_t less) {
    if (!budget_ || less == 0) return;
    budget_->release(less);
    bytes_ -= less;
  }
  void reset() {
    if (budget_ && bytes_ > 0) budget_->release(bytes_);
    budget_.reset();
    bytes_ = 0;
  }

 private:
  std::shared_ptr<MemoryBudget> budget_;
  std::size_t bytes_ = 0;
};

}  // namespace otlpipe::worker::transport
