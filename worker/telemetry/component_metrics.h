#pragma once

// The counters of each kind of component, per signal, made once per plan and handed to the cores as cells.

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "worker/data/signal.h"
#include "worker/telemetry/registry.h"

namespace otlpipe::worker::telemetry {

// One counter per signal. Cheap to copy; the cells live as long as a copy does.
class SignalCounters {
 public:
  SignalCounters(Registry& registry, const std::string& name, const std::string& help, const Labels& labels);
  void add(Signal signal, std::size_t core, std::uint64_t n) const {
    counters_[static_cast<std::size_t>(signal)]->cell(core).add(n);
  }

 private:
  std::array<std::shared_ptr<Counter>, kSignalCount> counters_;
};

struct ReceiverMetrics {
  ReceiverMetrics(Registry& registry, const std::string& receiver, const std::string& protocol);
  SignalCounters accepted;
  SignalCounters refused;
  SignalCounters rejected;
  SignalCounters rejected_requests;
};

struct ProcessorMetrics {
  ProcessorMetrics(Registry& registry, const std::string& processor, const std::string& pipeline);
  SignalCounters incoming;
  SignalCounters outgoing;
  SignalCounters batches;
};

struct ExporterMetrics {
  ExporterMetrics(Registry& registry, const std::string& exporter);
  SignalCounters sent;
  SignalCounters failed;
  SignalCounters rejected;
  SignalCounters refused;
  SignalCounters dropped;
};

// What the report to the operator says about a component: the sums over cores and protocols.
struct Flow {
  std::uint64_t received = 0;
  std::uint64_t refused = 0;
  std::uint64_t rejected = 0;
  std::uint64_t sent = 0;
  std::uint64_t failed = 0;
  std::uint64_t dropped = 0;
};
Flow receiver_flow(const Registry& registry, const std::string& receiver, Signal signal);
Flow processor_flow(const Registry& registry, const std::string& processor, Signal signal);
Flow exporter_flow(const Registry& registry, const std::string& exporter, Signal signal);

}  // namespace otlpipe::worker::telemetry
