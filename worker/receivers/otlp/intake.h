#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "worker/data/ack.h"
#include "worker/pipeline/component.h"
#include "worker/telemetry/component_metrics.h"

namespace otlpipe::worker::receivers::otlp {

// From a request's bytes to a batch in the pipeline, the same for both protocols. Lives on one core's loop.
class Intake {
 public:
  Intake(std::shared_ptr<const telemetry::ReceiverMetrics> metrics, std::size_t core,
         std::shared_ptr<const pipeline::Outputs> outputs)
      : metrics_(std::move(metrics)), core_(core), outputs_(std::move(outputs)) {}

  // Whether a pipeline takes this signal. Unknown while the outputs are closed, then yes.
  bool takes(Signal signal) const { return outputs_->closed() || outputs_->of(signal) != nullptr; }

  // Checks the request and passes it on. `done` hears the outcome exactly once, maybe at once.
  void take(Signal signal, transport::ServerRequest request, data::Completion::Done done);

  // A request that was refused for good before it came here.
  void refused(Signal signal) { metrics_->rejected_requests.add(signal, core_, 1); }

 private:
  std::shared_ptr<const telemetry::ReceiverMetrics> metrics_;
  std::size_t core_;
  std::shared_ptr<const pipeline::Outputs> outputs_;
};

// "/v1/traces" (with or without a query), and "/opentelemetry.proto.collector.trace.v1.TraceService/Export".
std::optional<Signal> signal_of_http_path(std::string_view path);
std::optional<Signal> signal_of_grpc_path(std::string_view path);

}  // namespace otlpipe::worker::receivers::otlp
