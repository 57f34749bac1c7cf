#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "common/base/random.h"
#include "common/base/result.h"
#include "common/log/logger.h"
#include "operator/kube/object.h"
#include "operator/runtime/informer.h"
#include "operator/runtime/observer.h"
#include "operator/runtime/work_queue.h"

namespace otlpipe::runtime {

struct Outcome {
  std::optional<Duration> requeue_after = {};  // look again then, even if nothing changes
};

// Makes the world match one object. Level-triggered: it is told which object, never what changed; the object
// may be gone. Called from several threads, but never twice at once for one key. An error is retried: with
// back-off, after the delay that it asks for, or, when its retry says never, only after a long while or when
// something changes.
class Reconciler {
 public:
  virtual ~Reconciler() = default;
  virtual Result<Outcome> reconcile(const kube::ObjectKey& key) = 0;
};

// Whether a change matters, and which keys it concerns.
using Predicate = std::function<bool(const Change&)>;
using KeyMapper = std::function<std::vector<kube::ObjectKey>(const Change&)>;

// Spec, labels, annotations or deletion changed (status alone does not count).
bool generation_or_metadata_changed(const Change& change);
// Anything but the resource version changed.
bool anything_changed(const Change& change);
std::vector<kube::ObjectKey> own_key(const Change& change);
// The controlling owner, if it is of this kind. An object that changes owner concerns both.
KeyMapper controlling_owner(std::string owner_kind, std::string owner_api_group);

struct ControllerOptions {
  std::string name;
  int workers = 2;
  Duration pause_after_hopeless_error = std::chrono::minutes(5);  // when the error's retry says never
  WorkQueueOptions queue = {};
};

// Turns changes of caches into calls of one reconciler. Thread safe, but sources are added before start().
class Controller {
 public:
  Controller(ControllerOptions options, Reconciler& reconciler, WaitClock& clock, Random& random,
             Logger logger, Observer& observer);
  ~Controller();  // stops

  // Keys that `mapper` gives for changes that pass `predicate` are queued. Collects from the moment it is
  // called, also while the controller does not run, so that a new leader has everything to do.
  void watch(Informer& source, Predicate predicate, KeyMapper mapper);

  // Queues a key by hand (from the control stream, say). Thread safe.
  void enqueue(const kube::ObjectKey& key);
  void enqueue_after(const kube::ObjectKey& key, Duration delay);

  const std::string& name() const { return options_.name; }
  WorkQueue::Counts queue_counts() const { return queue_.counts(); }

  void start();
  // Returns when every running reconcile has ended.
  void stop();

  // One turn of a worker with the key at hand: what start()'s threads do. For tests.
  void process(const kube::ObjectKey& key);

 private:
  void work();

  const ControllerOptions options_;
  Reconciler& reconciler_;
  WaitClock& clock_;
  const Logger logger_;
  Observer& observer_;
  WorkQueue queue_;
  std::vector<std::thread> threads_;
};

}  // namespace otlpipe::runtime
