#pragma once

// What components are to each other and to the graph. A component comes in two steps: a factory turns its
// configuration into a plan (immutable, one a process, thread safe), and the plan makes an instance for each
// core. Instances live on their core's loop: created, called and destroyed there, never shared, so they need
// no locks.

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "common/base/result.h"
#include "common/concurrency/event_loop.h"
#include "common/log/logger.h"
#include "worker/data/batch.h"
#include "worker/transport/transport.h"

namespace otlpipe::worker::pipeline {

// What an instance gets of its core. Outlives every instance on it.
struct CoreContext {
  std::size_t index = 0;
  transport::Core& network;  // its loop, listeners and clients
  Random& random;
  EventLoop& loop() const { return network.loop(); }
};

// Takes data. Must take it: what cannot be handled is answered through the batch's Acks.
class Consumer {
 public:
  virtual ~Consumer() = default;
  virtual void consume(data::Batch batch) = 0;
};

// ---- Processors
// ---------------------------------------------------------------------------------------------------

class Processor : public Consumer {
 public:
  // Passes on what is held back, and from now on holds nothing back. What comes in still flows on.
  virtual void drain() = 0;
};

class ProcessorPlan {
 public:
  virtual ~ProcessorPlan() = default;
  // The request headers (lower case) that receivers shall keep with the data for it.
  virtual std::vector<std::string> metadata_keys() const { return {}; }
  // `next` outlives the instance.
  virtual std::unique_ptr<Processor> instantiate(CoreContext& core, Consumer& next) const = 0;
};

// ---- Exporters
// ----------------------------------------------------------------------------------------------------

// What an exporter still held when it was told to stop waiting.
struct Abandoned {
  std::uint64_t unacknowledged = 0;  // records whose clients never heard of success
  std::uint64_t acknowledged = 0;    // records whose clients did: lost
};

class Exporter : public Consumer {
 public:
  // Takes over data of a predecessor, whatever its own bounds say.
  virtual void adopt(data::Batch batch) = 0;

  // No more data comes. With a `successor`, everything that is not on the wire goes there, and what is on the
  // wire too if it fails; without one it is delivered from here. `done` is called once when nothing is left,
  // never from inside retire.
  virtual void retire(std::shared_ptr<Exporter> successor, std::function<void()> done) = 0;

  // Stops and gives up what is left; their Acks hear of a retryable failure. Nothing follows but destruction.
  virtual Abandoned abandon() = 0;
};

class ExporterPlan {
 public:
  virtual ~ExporterPlan() = default;
  // What it compresses with. Receivers keep requests that came so in that form too, where nothing stands
  // between them and the exporter.
  virtual compression::Compression compression() const { return compression::Compression::kNone; }
  virtual std::shared_ptr<Exporter> instantiate(CoreContext& core) const = 0;
};

// ---- Receivers
// ----------------------------------------------------------------------------------------------------

// What a receiver keeps of a request beside its data, because somebody behind it asked for that.
struct Kept {
  // Request headers, lower case.
  std::vector<std::string> metadata_keys = {};
  // Bodies that came compressed in one of these ways, as they came; by signal.
  std::array<std::vector<compression::Compression>, kSignalCount> compressions = {};
};

// Where the data of one receiver goes on one core. Survives reloads; the graph changes what it points at.
class Outputs {
 public:
  // nullptr: this receiver is in no pipeline for that signal.
  Consumer* of(Signal signal) const { return consumers_[static_cast<std::size_t>(signal)]; }
  // The receiver has left the configuration or the worker stops; requests that still come in are sent
  // elsewhere.
  bool closed() const { return closed_; }
  const Kept& kept() const { return kept_; }
  const std::vector<compression::Compression>& kept_compressions(Signal signal) const {
    return kept_.compressions[static_cast<std::size_t>(signal)];
  }

  void set(const std::array<Consumer*, kSignalCount>& consumers, Kept kept = {}) {
    consumers_ = consumers;
    kept_ = std::move(kept);
    closed_ = false;
  }
  void close() {
    consumers_ = {};
    closed_ = true;
  }

 private:
  std::array<Consumer*, kSignalCount> consumers_{};
  Kept kept_;
  bool closed_ = true;
};

// One listening socket (per core) of a receiver.
class ListenerPlan {
 public:
  virtual ~ListenerPlan() = default;
  virtual std::string protocol() const = 0;    // "grpc", "http"
  virtual std::string port_field() const = 0;  // where the receiver's configuration has its port
  // Address and port are those that the user configured.
  virtual transport::ServerOptions options() const = 0;
  virtual std::shared_ptr<transport::ServerHandler> handler(CoreContext& core,
                                                            std::shared_ptr<const Outputs> outputs) const = 0;
};

class ReceiverPlan {
 public:
  virtual ~ReceiverPlan() = default;
  virtual std::vector<std::shared_ptr<const ListenerPlan>> listeners() const = 0;
};

}  // namespace otlpipe::worker::pipeline
