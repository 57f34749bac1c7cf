#include "operator/runtime/manager.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <utility>

#include "operator/runtime/thread_group.h"

namespace otlpipe::runtime {
namespace {

struct Runnable {
  std::string name;
  std::function<void(std::stop_token)> run;
};

}  // namespace

struct Manager::Impl {
  const ManagerOptions options;
  kube::Client& client;
  WaitClock& clock;
  Random& random;
  const Logger logger;
  Observer& observer;

  std::deque<Informer> informers = {};
  std::vector<Controller*> controllers = {};
  std::vector<Runnable> always = {};
  std::vector<Runnable> when_leading = {};
  std::optional<LeaderElection> election = std::nullopt;

  std::mutex mutex = {};
  std::condition_variable changed = {};
  bool elected = false;
  bool lost = false;
  std::atomic<bool> leading{false};

  // Stopped in this order; the election is last, so that nobody else leads before all of ours has ended.
  ThreadGroup leaders{clock};
  ThreadGroup followers{clock};
  ThreadGroup electors{clock};

  void set(bool& flag) {
    const std::lock_guard lock(mutex);
    flag = true;
    changed.notify_all();
  }

  bool caches_synced() const {
    for (const Informer& informer : informers) {
      if (!informer.cache().synced()) return false;
    }
    return true;
  }

  std::string missing_caches() const {
    std::string text;
    for (const Informer& informer : informers) {
      if (informer.cache().synced()) continue;
      const std::string error = informer.last_error();
      text += (text.empty() ? "" : "; ") + informer.spec().resource.plural + " (" +
              (error.empty() ? "no answer yet" : error) + ")";
    }
    return text;
  }

  // Waits for a condition that `changed` announces; false at the deadline or on stop.
  template <typename Condition>
  bool await(const Condition& met, MonotonicTime deadline, const std::stop_token& stop) {
    const std::stop_callback on_stop(stop, [this] {
      const std::lock_guard lock(mutex);
      changed.notify_all();
    });
    std::unique_lock lock(mutex);
    while (!met() && !stop.stop_requested() && clock.now() < deadline)
      clock.wait_until(lock, changed, deadline);
    return met();
  }

  void start_always() {
    for (Informer& informer : informers) {
      informer.cache().add_sync_handler([this] {
        const std::lock_guard lock(mutex);
        changed.notify_all();
      });
      followers.spawn("informer " + informer.spec().resource.plural,
                      [&informer](const std::stop_token& stop) { informer.run(stop); });
    }
    for (const Runnable& runnable : always) followers.spawn(runnable.name, runnable.run);
  }

  void start_election() {
    if (!options.leader_election) return set(elected);
    election.emplace(*options.leader_election, client, clock, random, logger.named("leader-election"));
    electors.spawn("leader election", [this](const std::stop_token& stop) {
      const LeaderElection::Callbacks callbacks{
          [this] { set(elected); },
          [this] {
            leading = false;
            set(lost);
          },
          [this](const std::string& holder) { logger.info("leader changed", {{"leader", holder}}); }};
      (void)election->run(callbacks, stop);
    });
  }

  void start_leading() {
    leading = true;
    observer.leading(true);
    for (Controller* controller : controllers) {
      controller->start();
      // Ends with the group: stop() waits for the reconciles that still run.
      leaders.spawn("controller " + controller->name(), [this, controller](const std::stop_token& stop) {
        while (pause(clock, std::chrono::hours(1), stop)) {
        }
        controller->stop();
      });
    }
    for (const Runnable& runnable : when_leading) leaders.spawn(runnable.name, runnable.run);
  }

  Status stop_all() {
    const MonotonicTime deadline = clock.now() + options.stop_deadline;
    std::string left;
    for (ThreadGroup* group : {&leaders, &followers, &electors}) {
      group->request_stop();
      if (!group->join_until(deadline)) left += (left.empty() ? "" : ", ") + group->running();
    }
    leading = false;
    observer.leading(false);
    if (left.empty()) return {};
    return fail(Code::kDeadlineExceeded, "still running after the stop deadline: " + left);
  }
};

Manager::Manager(ManagerOptions options, kube::Client& client, WaitClock& clock, Random& random,
                 Logger logger, Observer& observer)
    : impl_(new Impl{std::move(options), client, clock, random, std::move(logger), observer}) {}

Manager::~Manager() {
  // Threads that outlived the stop deadline still use it.
  if (impl_->leaders.abandoned() || impl_->followers.abandoned() || impl_->electors.abandoned()) {
    (void)impl_.release();
  }
}

Informer& Manager::add_informer(InformerSpec spec) {
  return impl_->informers.emplace_back(std::move(spec), impl_->client, impl_->clock, impl_->random,
                                       impl_->logger.named("informer"), impl_->observer);
}

void Manager::add_controller(Controller& controller) {
  impl_->controllers.push_back(&controller);
}

void Manager::add_runnable(std::string name, When when, std::function<void(std::stop_token)> run) {
  (when == When::kAlways ? impl_->always : impl_->when_leading).push_back({std::move(name), std::move(run)});
}

Status Manager::run(std::stop_token stop) {
  Impl& self = *impl_;
  Status result;
  self.start_always();
  const MonotonicTime sync_deadline = self.clock.now() + self.options.sync_timeout;
  if (!self.await([&self] { return self.caches_synced(); }, sync_deadline, stop)) {
    if (!stop.stop_requested()) {
      result = fail(Code::kDeadlineExceeded, "no first list in time of: " + self.missing_caches(), "",
                    Retry::backoff());
    }
  } else {
    self.start_election();
    const auto decided = [&self] { return self.elected || self.lost; };
    if (self.await(decided, MonotonicTime::max(), stop) && !self.lost) {
      self.start_leading();
      self.await([&self] { return self.lost; }, MonotonicTime::max(), stop);
    }
    const std::lock_guard lock(self.mutex);
    if (self.lost) result = fail(Code::kAborted, "leadership was lost", "", Retry::backoff());
  }
  const Status stopped = self.stop_all();
  return stopped ? result : stopped;
}

bool Manager::synced() const {
  return impl_->caches_synced();
}

bool Manager::leading() const {
  return impl_->leading;
}

}  // namespace otlpipe::runtime
