#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "worker/pipeline/core_graph.h"
#include "worker/pipeline/hand_off.h"
#include "worker/pipeline/plan.h"

namespace otlpipe::worker::pipeline {

// A listener as it is open.
struct OpenListener {
  std::string receiver;
  std::string protocol;
  std::string address;
  std::uint16_t port = 0;
};

// One core's listeners and graphs, over all reloads. Lives on the core's loop. A reload is prepare, then
// commit or rollback.
class CoreRuntime {
 public:
  // `hand_off`: nullptr where there is no other core.
  CoreRuntime(CoreContext context, std::shared_ptr<transport::MemoryBudget> memory,
              std::unique_ptr<HandOff> hand_off = nullptr);
  ~CoreRuntime();

  // Opens what is new and builds the graph aside; nothing of what runs changes. `bound` names the ports that
  // another core got, for listeners that take any port. Empty on the first core: it also makes sure that
  // nobody else has the port. kUnavailable with receiver and address when a port cannot be had; what was
  // prepared is then gone.
  Result<std::vector<OpenListener>> prepare(std::shared_ptr<const Plan> plan,
                                            const std::vector<OpenListener>& bound);
  // Swaps what was prepared in. What is replaced drains by itself.
  void commit();
  void rollback();

  // From now on this core gives no batch away.
  void stop_hand_off();
  // Goes on with a batch that another core has received.
  void take_over(HandedOff handed);

  // Stops taking requests in, passes on what is gathered, delivers what is queued. `done` is called once when
  // nothing is left. Connections still open after `grace` are cut.
  void drain(std::chrono::milliseconds grace, std::function<void()> done);
  // Gives up what is left after drain; clients that still wait hear so.
  Abandoned abandon();

 private:
  struct Listener {
    std::string fingerprint;
    OpenListener open;
    std::shared_ptr<Outputs> outputs;
    std::shared_ptr<transport::Server> server;
  };
  using Gates = std::vector<std::unique_ptr<HandOffConsumer>>;
  struct Prepared {
    std::shared_ptr<const Plan> plan;
    std::unique_ptr<CoreGraph> graph;
    std::map<std::string, Listener> listeners;  // kept ones too
  };

  Result<Listener> open(const ListenerNode& node, const std::vector<OpenListener>& bound);
  Status probe(const transport::ServerOptions& options);
  void retire_listener(Listener listener, std::chrono::milliseconds grace);
  void retire_exporter(std::shared_ptr<Exporter> exporter, std::shared_ptr<Exporter> successor);
  void progress();
  CoreGraph::Entries gated(const std::string& receiver, const CoreGraph::Entries& entries, Gates& gates);

  CoreContext context_;
  std::shared_ptr<transport::MemoryBudget> memory_;
  std::unique_ptr<HandOff> hand_off_;
  std::unique_ptr<CoreGraph> graph_;
  Gates gates_;
  std::map<std::string, Listener> listeners_;  // by receiver/protocol
  std::unique_ptr<Prepared> prepared_;
  std::map<std::uint64_t, Listener> old_listeners_;
  std::map<std::uint64_t, std::shared_ptr<Exporter>> old_exporters_;
  std::set<std::uint16_t> our_ports_;  // had once; maybe still draining on some core
  std::uint64_t next_id_ = 1;
  std::function<void()> drained_;
  bool delivering_ = false;  // of drain: the listeners are done, the exporters are not
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace otlpipe::worker::pipeline
