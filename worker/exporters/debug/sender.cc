#include "worker/exporters/debug/sender.h"

#include <utility>

namespace otlpipe::worker::exporters::debug {
namespace {

using queue::SendResult;

class DebugSender final : public queue::Sender {
 public:
  DebugSender(Verbosity verbosity, std::shared_ptr<LineWriter> output)
      : verbosity_(verbosity), output_(std::move(output)) {}

  void send(const data::Batch& batch, Done done) override {
    const auto text = format(batch, verbosity_);
    if (!text) return done({SendResult::Kind::kBadData, 0, {}, Code::kInvalidArgument, text.error().message});
    if (const auto written = output_->write(*text); !written) {
      return done({SendResult::Kind::kRetry, 0, {}, Code::kUnavailable, written.error().to_string()});
    }
    done({});
  }

 private:
  Verbosity verbosity_;
  std::shared_ptr<LineWriter> output_;
};

}  // namespace

std::unique_ptr<queue::Sender> make_sender(Verbosity verbosity, std::shared_ptr<LineWriter> output) {
  return std::make_unique<DebugSender>(verbosity, std::move(output));
}

}  // namespace otlpipe::worker::exporters::debug
