#include "worker/exporters/file/sender.h"

#include <utility>

#include "worker/exporters/otlp_json.h"

namespace otlpipe::worker::exporters::file {
namespace {

using queue::SendResult;

class FileSender final : public queue::Sender {
 public:
  explicit FileSender(std::shared_ptr<LineWriter> output) : output_(std::move(output)) {}

  void send(const data::Batch& batch, Done done) override {
    auto line = to_otlp_json(batch);
    if (!line) return done({SendResult::Kind::kBadData, 0, {}, Code::kInvalidArgument, line.error().message});
    line->push_back('\n');
    if (const auto written = output_->write(*line); !written) {
      return done({SendResult::Kind::kRetry, 0, {}, Code::kUnavailable, written.error().to_string()});
    }
    done({});
  }

 private:
  std::shared_ptr<LineWriter> output_;
};

}  // namespace

std::unique_ptr<queue::Sender> make_sender(std::shared_ptr<LineWriter> output) {
  return std::make_unique<FileSender>(std::move(output));
}

}  // namespace otlpipe::worker::exporters::file
