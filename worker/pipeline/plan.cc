#include "worker/pipeline/plan.h"

#include <map>
#include <utility>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "otlpipe/v1alpha1/worker_config.pb.h"

namespace otlpipe::worker::pipeline {
namespace {

using v1alpha1::WorkerConfig;

// The same text for equal messages within one process.
std::string fingerprint_of(const google::protobuf::Message& message) {
  std::string text;
  {
    google::protobuf::io::StringOutputStream stream(&text);
    google::protobuf::io::CodedOutputStream out(&stream);
    out.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&out);
  }
  return text;
}

std::string path_of(const char* list, int index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

tl::unexpected<Error> below(const std::string& path, Error error) {
  error.where = error.where.empty() ? path : path + "." + error.where;
  return fail(std::move(error));
}

// Asks the factories in turn.
template <typename Plan, typename Factories, typename Make>
Result<Plan> first_plan(const Factories& factories, const std::string& path, Make make) {
  for (const auto& factory : factories) {
    Result<Plan> plan = make(*factory);
    if (!plan) return below(path, std::move(plan.error()));
    if (*plan) return plan;
  }
  return fail(Code::kUnimplemented, "this kind is not part of this build", path);
}

Signal signal_of(int signal) {
  return signal == v1alpha1::SIGNAL_TRACES    ? Signal::kTraces
         : signal == v1alpha1::SIGNAL_METRICS ? Signal::kMetrics
                                              : Signal::kLogs;
}

std::string protocol_word(int protocol) {
  return protocol == v1alpha1::LISTENER_PROTOCOL_GRPC   ? "grpc"
         : protocol == v1alpha1::LISTENER_PROTOCOL_HTTP ? "http"
                                                        : "metrics";
}

class Maker {
 public:
  Maker(const WorkerConfig& config, const Components& components, const PlanContext& context,
        const Plan* previous)
      : config_(config), components_(components), context_(context), previous_(previous) {}

  Result<std::shared_ptr<const Plan>> make() {
    if (auto s = receivers(); !s) return fail(std::move(s.error()));
    if (auto s = exporters(); !s) return fail(std::move(s.error()));
    if (auto s = pipelines(); !s) return fail(std::move(s.error()));
    for (const auto& processor : config_.processors()) plan_->processor_names.push_back(processor.name());
    plan_->memory_budget = static_cast<std::uint64_t>(config_.memory_budget());
    return std::shared_ptr<const Plan>(std::move(plan_));
  }

 private:
  Status receivers() {
    for (int i = 0; i < config_.receivers_size(); ++i) {
      const auto& receiver = config_.receivers(i);
      const auto made = first_plan<std::shared_ptr<const ReceiverPlan>>(
          components_.receivers, path_of("receivers", i),
          [&](const ReceiverFactory& f) { return f.plan(receiver, context_); });
      if (!made) return fail(made.error());
      plan_->receiver_names.push_back(receiver.name());
      for (const auto& listener : (*made)->listeners())
        add_listener(receiver, path_of("receivers", i), listener);
    }
    return {};
  }

  void add_listener(const v1alpha1::Receiver& receiver, const std::string& path,
                    const std::shared_ptr<const ListenerPlan>& plan) {
    ListenerNode node{receiver.name(), plan->protocol(),         path + "." + plan->port_field(),
                      plan->options(), fingerprint_of(receiver), plan};
    for (const auto& bind : config_.listeners()) {
      if (bind.receiver() != node.receiver || protocol_word(bind.protocol()) != node.protocol) continue;
      if (!bind.address().empty()) node.options.address = bind.address();
      if (bind.has_port()) node.options.port = static_cast<std::uint16_t>(bind.port());
    }
    node.fingerprint += "@" + node.options.address + ":" + std::to_string(node.options.port);
    plan_->listeners.push_back(std::move(node));
  }

  Status exporters() {
    for (int i = 0; i < config_.exporters_size(); ++i) {
      const auto& exporter = config_.exporters(i);
      const std::string fingerprint = fingerprint_of(exporter);
      if (const ExporterNode* const same = unchanged(exporter.name(), fingerprint)) {
        plan_->exporters.push_back(*same);
        continue;
      }
      auto status = std::make_shared<telemetry::ExporterStatus>();
      auto made = first_plan<std::shared_ptr<const ExporterPlan>>(
          components_.exporters, path_of("exporters", i),
          [&](const ExporterFactory& f) { return f.plan(exporter, status, context_); });
      if (!made) return fail(std::move(made.error()));
      plan_->exporters.push_back({exporter.name(), fingerprint, std::move(status), std::move(*made)});
    }
    return {};
  }

  const ExporterNode* unchanged(const std::string& name, const std::string& fingerprint) const {
    if (previous_ == nullptr) return nullptr;
    for (const ExporterNode& node : previous_->exporters) {
      if (node.name == name && node.fingerprint == fingerprint) return &node;
    }
    return nullptr;
  }

  Status pipelines() {
    std::map<std::string, int> processors;
    for (int i = 0; i < config_.processors_size(); ++i) processors[config_.processors(i).name()] = i;
    for (const auto& pipeline : config_.pipelines()) {
      PipelineNode node;
      node.name = pipeline.name();
      for (const int signal : pipeline.signals()) node.signals.push_back(signal_of(signal));
      node.receivers.assign(pipeline.receivers().begin(), pipeline.receivers().end());
      node.exporters.assign(pipeline.exporters().begin(), pipeline.exporters().end());
      for (const std::string& name : pipeline.processors()) {
        const int index = processors.at(name);
        auto made = first_plan<std::shared_ptr<const ProcessorPlan>>(
            components_.processors, path_of("processors", index), [&](const ProcessorFactory& f) {
              return f.plan(config_.processors(index), pipeline.name(), context_);
            });
        if (!made) return fail(std::move(made.error()));
        node.processors.push_back(std::move(*made));
      }
      plan_->pipelines.push_back(std::move(node));
    }
    return {};
  }

  const WorkerConfig& config_;
  const Components& components_;
  const PlanContext& context_;
  const Plan* previous_;
  std::shared_ptr<Plan> plan_ = std::make_shared<Plan>();
};

}  // namespace

Result<std::shared_ptr<const Plan>> make_plan(const WorkerConfig& config, const Components& components,
                                              const PlanContext& context, const Plan* previous) {
  return Maker(config, components, context, previous).make();
}

}  // namespace otlpipe::worker::pipeline
