#pragma once

// How the outcome of data finds its way back to whoever sent it. A receiver makes one Completion a request
// and sends its Ack along with the bytes. Acks are split when the bytes are split and multiplied when they go
// to several places; the Completion hears one outcome, once, when all of them are resolved. An Ack that is
// destroyed unresolved counts as a retryable failure, so that no bug can turn lost data into success.
//
// Not thread safe: a Completion and its Acks live on one loop.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/error.h"

namespace otlpipe::worker::data {

struct Outcome {
  enum class Kind : std::uint8_t {
    kDelivered,  // all but `rejected` records arrived
    kRejected,   // nothing arrived and never will; `code` and `message` say why
    kRetry,      // nothing is promised; the sender may send it again after `delay`
  };
  Kind kind = Kind::kDelivered;
  Code code = Code::kUnknown;          // kRejected only
  std::uint64_t rejected = 0;          // kDelivered only
  std::chrono::milliseconds delay{0};  // kRetry only; 0: the sender's own choice
  std::string message = {};

  static Outcome delivered() { return {}; }
  static Outcome partial(std::uint64_t rejected, std::string message) {
    return {Kind::kDelivered, Code::kUnknown, rejected, {}, std::move(message)};
  }
  static Outcome rejected_for_good(Code code, std::string message) {
    return {Kind::kRejected, code, 0, {}, std::move(message)};
  }
  static Outcome retry(std::string message, std::chrono::milliseconds delay = {}) {
    return {Kind::kRetry, Code::kUnavailable, 0, delay, std::move(message)};
  }
};

// Waits for every share of one request. Made by Ack::track only; destroys itself when the last share is
// resolved.
class Completion {
 public:
  using Done = std::function<void(Outcome)>;

 private:
  friend class Ack;
  Completion(std::uint64_t records, Done done) : records_(records), done_(std::move(done)) {}
  void resolved(std::uint64_t share, const Outcome& outcome);

  std::uint64_t records_;
  std::uint64_t rejected_ = 0;
  std::uint32_t shares_ = 1;
  Outcome combined_;  // delivered, or the worst so far
  Done done_;
};

// A share of a Completion: the right and the duty to say what became of some records. Move only.
class Ack {
 public:
  Ack() = default;  // nobody wants to know
  // `done` is called exactly once. `records`: how many the request has.
  static Ack track(std::uint64_t records, Completion::Done done) {
    return Ack(new Completion(records, std::move(done)), records);
  }

  Ack(Ack&& other) noexcept
      : completion_(std::exchange(other.completion_, nullptr)), records_(other.records_) {}
  Ack& operator=(Ack&& other) noexcept {
    if (this != &other) {
      abandon();
      completion_ = std::exchange(other.completion_, nullptr);
      records_ = other.records_;
    }
    return *this;
  }
  Ack(const Ack&) = delete;
  Ack& operator=(const Ack&) = delete;
  ~Ack() { abandon(); }

  // Says what became of this share. The first call counts.
  void resolve(const Outcome& outcome);

  // Hands `records` of this share's records to a new share; outcomes of shares add up.
  Ack split_off(std::uint64_t records);

  // Makes `copies` Acks out of this one, for the same data going to several places. The sender hears of
  // success when all of them succeeded; of a retryable failure when any failed so; rejected records count
  // where most were rejected.
  std::vector<Ack> fan_out(std::size_t copies) &&;

  std::uint64_t records() const { return records_; }
  explicit operator bool() const { return completion_ != nullptr; }

 private:
  Ack(Completion* completion, std::uint64_t records) : completion_(completion), records_(records) {}
  void abandon();

  Completion* completion_ = nullptr;
  std::uint64_t records_ = 0;
};

}  // namespace otlpipe::worker::data
