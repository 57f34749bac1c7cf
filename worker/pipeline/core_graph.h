#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "worker/pipeline/plan.h"

namespace otlpipe::worker::pipeline {

// One core's instances of a plan, wired. Built aside while its predecessor still works; lives on the core's
// loop.
class CoreGraph {
 public:
  struct ExporterInstance {
    std::string fingerprint;
    std::shared_ptr<Exporter> exporter;
  };
  using Exporters = std::map<std::string, ExporterInstance>;
  using Entries = std::array<Consumer*, kSignalCount>;

  // Takes over the instances of unchanged exporters from `previous` (may be nullptr).
  CoreGraph(const Plan& plan, CoreContext& core, const CoreGraph* previous);

  // Where a receiver's data goes, by signal; nullptr where no pipeline wants it.
  Entries entries(const std::string& receiver) const;
  // What the pipelines of a receiver want with its data.
  Kept kept(const std::string& receiver) const;
  const Exporters& exporters() const { return exporters_; }

  // Processors pass on what they hold and hold nothing back from now on.
  void drain_processors();

 private:
  Consumer* join(std::vector<Consumer*> consumers);

  Exporters exporters_;
  std::vector<std::unique_ptr<Consumer>> between_;      // FanOut and KeepOwn
  std::vector<std::unique_ptr<Processor>> processors_;  // upstream of one pipeline before downstream
  std::map<std::string, Entries> entries_;
  std::map<std::string, Kept> kept_;
};

}  // namespace otlpipe::worker::pipeline
