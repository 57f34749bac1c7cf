#include "worker/data/ack.h"

#include <algorithm>
#include <memory>

namespace otlpipe::worker::data {

void Completion::resolved(std::uint64_t share, const Outcome& outcome) {
  switch (outcome.kind) {
    case Outcome::Kind::kRetry:
      if (combined_.kind != Outcome::Kind::kRetry) {
        combined_ = outcome;
      } else {
        combined_.delay = std::max(combined_.delay, outcome.delay);
      }
      break;
    case Outcome::Kind::kRejected:
      rejected_ += share;
      if (combined_.kind == Outcome::Kind::kDelivered) combined_ = outcome;
      break;
    case Outcome::Kind::kDelivered:
      rejected_ += std::min(outcome.rejected, share);
      if (outcome.rejected > 0 && combined_.message.empty()) combined_.message = outcome.message;
      break;
  }
  if (--shares_ > 0) return;

  const std::unique_ptr<Completion> self(this);
  if (combined_.kind == Outcome::Kind::kRejected && rejected_ < records_) {
    combined_ = Outcome::partial(rejected_, std::move(combined_.message));
  } else if (combined_.kind == Outcome::Kind::kDelivered) {
    combined_.rejected = rejected_;
  }
  if (done_) done_(std::move(combined_));
}

void Ack::resolve(const Outcome& outcome) {
  if (Completion* const completion = std::exchange(completion_, nullptr))
    completion->resolved(records_, outcome);
}

void Ack::abandon() {
  if (completion_ != nullptr) resolve(Outcome::retry("the data was given up"));
}

Ack Ack::split_off(std::uint64_t records) {
  records_ -= std::min(records, records_);
  if (completion_ == nullptr) return {};
  ++completion_->shares_;
  return {completion_, records};
}

std::vector<Ack> Ack::fan_out(std::size_t copies) && {
  // What the branches have in common; lives until the last of them is resolved.
  struct Joint {
    Ack parent;
    std::size_t left;
    Outcome worst = {};
  };
  std::vector<Ack> branches(copies);
  if (completion_ == nullptr || copies == 0) return branches;
  if (copies == 1) {
    branches[0] = std::move(*this);
    return branches;
  }
  const std::uint64_t records = records_;
  auto joint = std::make_shared<Joint>(Joint{std::move(*this), copies});
  for (Ack& branch : branches) {
    branch = track(records, [joint](Outcome outcome) {
      Outcome& worst = joint->worst;
      const auto delay = std::max(worst.delay, outcome.delay);
      if (outcome.kind > worst.kind || (outcome.kind == worst.kind && outcome.rejected > worst.rejected)) {
        worst = std::move(outcome);
      }
      worst.delay = delay;
      if (--joint->left == 0) joint->parent.resolve(worst);
    });
  }
  return branches;
}

}  // namespace otlpipe::worker::data
