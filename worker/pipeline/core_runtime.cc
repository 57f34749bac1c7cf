#include "worker/pipeline/core_runtime.h"

#include <algorithm>
#include <utility>

namespace otlpipe::worker::pipeline {
namespace {

// How long requests under way on a replaced listener may take.
constexpr std::chrono::seconds kReplacedGrace{30};

std::string key_of(const ListenerNode& node) {
  return node.receiver + "/" + node.protocol;
}

}  // namespace

CoreRuntime::CoreRuntime(CoreContext context, std::shared_ptr<transport::MemoryBudget> memory,
                         std::unique_ptr<HandOff> hand_off)
    : context_(context), memory_(std::move(memory)), hand_off_(std::move(hand_off)) {}

CoreRuntime::~CoreRuntime() {
  // Servers first: their handlers point at outputs, and outputs at the graph.
  *alive_ = false;
  old_listeners_.clear();
  listeners_.clear();
  prepared_.reset();
  old_exporters_.clear();
  graph_.reset();
}

// Cores share a port, which would also let another process of the same user share it; so the port is first
// had alone.
Status CoreRuntime::probe(const transport::ServerOptions& options) {
  transport::ServerOptions alone = options;
  alone.reuse_port = false;
  auto server = context_.network.listen(alone, nullptr, memory_);
  if (!server) return fail(std::move(server.error()));
  return {};
}

Result<CoreRuntime::Listener> CoreRuntime::open(const ListenerNode& node,
                                                const std::vector<OpenListener>& bound) {
  transport::ServerOptions options = node.options;
  for (const OpenListener& other : bound) {
    if (other.receiver == node.receiver && other.protocol == node.protocol) options.port = other.port;
  }
  if (bound.empty() && options.port != 0 && !our_ports_.contains(options.port)) {
    if (auto free = probe(options); !free) return fail(std::move(free.error()));
  }
  auto outputs = std::make_shared<Outputs>();
  auto server = context_.network.listen(options, node.plan->handler(context_, outputs), memory_);
  if (!server) return fail(std::move(server.error()));
  const std::uint16_t port = (*server)->port();
  our_ports_.insert(port);
  return Listener{node.fingerprint,
                  {node.receiver, node.protocol, options.address, port},
                  std::move(outputs),
                  std::shared_ptr<transport::Server>(std::move(*server))};
}

Result<std::vector<OpenListener>> CoreRuntime::prepare(std::shared_ptr<const Plan> plan,
                                                       const std::vector<OpenListener>& bound) {
  auto prepared = std::make_unique<Prepared>();
  std::vector<OpenListener> result;
  for (const ListenerNode& node : plan->listeners) {
    const auto current = listeners_.find(key_of(node));
    if (current != listeners_.end() && current->second.fingerprint == node.fingerprint) {
      prepared->listeners.emplace(current->first, current->second);
    } else {
      auto opened = open(node, bound);
      if (!opened) {
        Error error = opened.error().in(opened.error().where);
        error.where = node.port_field;
        return fail(std::move(error));
      }
      prepared->listeners.emplace(key_of(node), std::move(*opened));
    }
    result.push_back(prepared->listeners.at(key_of(node)).open);
  }
  prepared->graph = std::make_unique<CoreGraph>(*plan, context_, graph_.get());
  prepared->plan = std::move(plan);
  prepared_ = std::move(prepared);
  return result;
}

void CoreRuntime::rollback() {
  prepared_.reset();
}

void CoreRuntime::commit() {
  const std::unique_ptr<Prepared> next = std::move(prepared_);
  Gates gates;
  for (auto& [key, listener] : next->listeners) {
    const std::string& receiver = listener.open.receiver;
    listener.outputs->set(gated(receiver, next->graph->entries(receiver), gates),
                          next->graph->kept(receiver));
  }
  std::map<std::string, Listener> old_listeners = std::exchange(listeners_, std::move(next->listeners));
  for (auto& [key, old] : old_listeners) {
    const auto now = listeners_.find(key);
    if (now != listeners_.end() && now->second.server == old.server) continue;
    old.outputs->close();
    retire_listener(std::move(old), kReplacedGrace);
  }

  const std::unique_ptr<CoreGraph> old = std::exchange(graph_, std::move(next->graph));
  gates_ = std::move(gates);
  if (!old) return;
  old->drain_processors();
  for (const auto& [name, instance] : old->exporters()) {
    const auto now = graph_->exporters().find(name);
    if (now == graph_->exporters().end()) {
      retire_exporter(instance.exporter, nullptr);
    } else if (now->second.exporter != instance.exporter) {
      retire_exporter(instance.exporter, now->second.exporter);
    }
  }
}

CoreGraph::Entries CoreRuntime::gated(const std::string& receiver, const CoreGraph::Entries& entries,
                                      Gates& gates) {
  if (!hand_off_) return entries;
  CoreGraph::Entries result{};
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i] == nullptr) continue;
    gates.push_back(std::make_unique<HandOffConsumer>(*hand_off_, receiver, *entries[i]));
    result[i] = gates.back().get();
  }
  return result;
}

void CoreRuntime::stop_hand_off() {
  if (hand_off_) hand_off_->stop();
}

void CoreRuntime::take_over(HandedOff handed) {
  Consumer* next = nullptr;
  // Once the exporters deliver what is left, nobody waits for more.
  if (graph_ && !delivering_)
    next = graph_->entries(handed.receiver)[static_cast<std::size_t>(handed.batch.signal())];
  if (next == nullptr)
    return handed.batch.resolve(data::Outcome::retry("the worker is changing, send again"));
  next->consume(std::move(handed.batch));
}

void CoreRuntime::retire_listener(Listener listener, std::chrono::milliseconds grace) {
  const std::uint64_t id = next_id_++;
  const auto server = listener.server;
  old_listeners_.emplace(id, std::move(listener));
  server->drain(grace, [this, id, alive = std::weak_ptr<bool>(alive_)] {
    // Posted: the server must not be destroyed from inside its own call.
    context_.loop().post([this, id, alive] {
      if (alive.expired() || !*alive.lock()) return;
      old_listeners_.erase(id);
      progress();
    });
  });
}

void CoreRuntime::retire_exporter(std::shared_ptr<Exporter> exporter, std::shared_ptr<Exporter> successor) {
  const std::uint64_t id = next_id_++;
  old_exporters_.emplace(id, exporter);
  exporter->retire(std::move(successor), [this, id, alive = std::weak_ptr<bool>(alive_)] {
    if (alive.expired() || !*alive.lock()) return;
    old_exporters_.erase(id);
    progress();
  });
}

void CoreRuntime::drain(std::chrono::milliseconds grace, std::function<void()> done) {
  drained_ = std::move(done);
  stop_hand_off();
  rollback();
  if (graph_) graph_->drain_processors();
  // The outputs stay open: requests that are being read are still taken.
  for (auto& [key, listener] : std::exchange(listeners_, {})) retire_listener(std::move(listener), grace);
  progress();
}

void CoreRuntime::progress() {
  if (!drained_ || !old_listeners_.empty()) return;
  if (!delivering_) {
    delivering_ = true;
    if (graph_) {
      for (const auto& [name, instance] : graph_->exporters()) retire_exporter(instance.exporter, nullptr);
    }
  }
  if (old_exporters_.empty()) std::exchange(drained_, nullptr)();
}

Abandoned CoreRuntime::abandon() {
  Abandoned total;
  const auto give_up = [&](Exporter& exporter) {
    const Abandoned some = exporter.abandon();
    total.unacknowledged += some.unacknowledged;
    total.acknowledged += some.acknowledged;
  };
  for (const auto& [id, exporter] : old_exporters_) give_up(*exporter);
  if (graph_ && !delivering_) {
    for (const auto& [name, instance] : graph_->exporters()) give_up(*instance.exporter);
  }
  return total;
}

}  // namespace otlpipe::worker::pipeline
