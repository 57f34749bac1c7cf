#include "operator/runtime/controller.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace otlpipe::runtime {

using kube::ObjectKey;

Controller::Controller(ControllerOptions options, Reconciler& reconciler, WaitClock& clock, Random& random,
                       Logger logger, Observer& observer)
    : options_(std::move(options)),
      reconciler_(reconciler),
      clock_(clock),
      logger_(std::move(logger)),
      observer_(observer),
      queue_(options_.queue, clock, random) {}

Controller::~Controller() {
  stop();
}

void Controller::watch(Informer& source, Predicate predicate, KeyMapper mapper) {
  source.cache().add_handler(
      [this, predicate = std::move(predicate), mapper = std::move(mapper)](const Change& change) {
        if (predicate && !predicate(change)) return;
        for (const ObjectKey& key : mapper(change)) queue_.add(key);
      });
}

void Controller::enqueue(const ObjectKey& key) {
  queue_.add(key);
}

void Controller::enqueue_after(const ObjectKey& key, Duration delay) {
  queue_.add_after(key, delay);
}

void Controller::start() {
  for (int i = 0; i < options_.workers; ++i) threads_.emplace_back([this] { work(); });
}

void Controller::stop() {
  queue_.shut_down();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Controller::work() {
  while (const auto key = queue_.get()) {
    process(*key);
    queue_.done(*key);
    const auto counts = queue_.counts();
    observer_.queue_depth(options_.name, counts.ready, counts.delayed);
  }
}

namespace {

// The edge where a reconciler's exceptions stop: a fault in one object's handling must not end the process.
Result<Outcome> call(Reconciler& reconciler, const ObjectKey& key, bool& panicked) {
  try {
    return reconciler.reconcile(key);
  } catch (const std::exception& e) {
    panicked = true;
    return fail(Code::kInternal, std::string("unexpected exception: ") + e.what(), key.to_string(),
                Retry::backoff());
  } catch (...) {
    panicked = true;
    return fail(Code::kInternal, "unexpected exception", key.to_string(), Retry::backoff());
  }
}

}  // namespace

void Controller::process(const ObjectKey& key) {
  const MonotonicTime began = clock_.now();
  bool panicked = false;
  const Result<Outcome> outcome = call(reconciler_, key, panicked);
  const Duration took = clock_.now() - began;

  if (outcome) {
    queue_.forget(key);
    if (outcome->requeue_after) queue_.add_after(key, *outcome->requeue_after);
    observer_.reconciled(options_.name,
                         outcome->requeue_after ? ReconcileResult::kRequeueAfter : ReconcileResult::kSuccess,
                         took);
    return;
  }

  const Error& error = outcome.error();
  Duration minimum{0};
  if (error.retry.kind == Retry::Kind::kNever) minimum = options_.pause_after_hopeless_error;
  if (error.retry.kind == Retry::Kind::kAfter) minimum = error.retry.delay;
  const Duration delay = queue_.add_rate_limited(key, minimum);
  observer_.reconciled(options_.name, panicked ? ReconcileResult::kPanic : ReconcileResult::kError, took);
  const double seconds = std::chrono::duration<double>(delay).count();
  // A conflict is the usual outcome of two writers, not news.
  if (error.code == Code::kAborted && !panicked) {
    logger_.debug("conflict, trying again",
                  {{"object", key.to_string()}, {"error", error}, {"retry_s", seconds}});
  } else {
    logger_.error("cannot reconcile", {{"object", key.to_string()},
                                       {"code", to_string(error.code)},
                                       {"error", error},
                                       {"failures", queue_.failures(key)},
                                       {"retry_s", seconds}});
  }
}

}  // namespace otlpipe::runtime
