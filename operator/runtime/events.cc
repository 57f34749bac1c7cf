#include "operator/runtime/events.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "operator/kube/resources.h"
#include "operator/runtime/event_series.h"

namespace otlpipe::runtime {

struct ApiEventRecorder::Impl {
  const EventOptions options;
  kube::Client& client;
  WaitClock& clock;
  Random& random;
  const Logger logger;
  Observer& observer;

  std::mutex mutex = {};
  std::condition_variable changed = {};
  EventBook book{options};

  EventBook::Written send(const EventBook::Write& write) {
    const auto result = write.create ? client.create(kube::events(), event_object(write, options))
                                     : client.patch(kube::events(), write.key, event_patch(write), "");
    if (result || (write.create && result.error().code == Code::kAlreadyExists))
      return EventBook::Written::kYes;
    logger.debug("cannot write an event", {{"event", write.key.to_string()}, {"error", result.error()}});
    if (result.error().code == Code::kNotFound && !write.create) return EventBook::Written::kGone;
    return result.error().retry.allowed() ? EventBook::Written::kTryAgain : EventBook::Written::kGiveUp;
  }

  // One event; whether there was one, and how that went.
  std::optional<EventBook::Written> send_next() {
    std::optional<EventBook::Write> write;
    {
      const std::lock_guard lock(mutex);
      write = book.next();
    }
    if (!write) return std::nullopt;
    const EventBook::Written written = send(*write);
    if (written == EventBook::Written::kGiveUp) observer.event_dropped();
    const std::lock_guard lock(mutex);
    book.finish(write->facts, written);
    return written;
  }

  void wait(const std::stop_token& stop) {
    const std::stop_callback on_stop(stop, [this] {
      const std::lock_guard lock(mutex);
      changed.notify_all();
    });
    std::unique_lock lock(mutex);
    while (!stop.stop_requested() && book.pending() == 0) {
      clock.wait_until(lock, changed, MonotonicTime::max());
    }
  }
};

ApiEventRecorder::ApiEventRecorder(EventOptions options, kube::Client& client, WaitClock& clock,
                                   Random& random, Logger logger, Observer& observer)
    : impl_(new Impl{std::move(options), client, clock, random, std::move(logger), observer}) {}

ApiEventRecorder::~ApiEventRecorder() = default;

void ApiEventRecorder::record(const nlohmann::json& object, EventType type, std::string_view reason,
                              std::string_view action, std::string_view message) {
  EventFacts facts{kube::key_of(object),
                   std::string(kube::uid(object)),
                   std::string(kube::kind(object)),
                   std::string(kube::api_version(object)),
                   std::string(kube::resource_version(object)),
                   type,
                   std::string(reason),
                   std::string(action),
                   std::string(message)};
  const std::uint64_t chance = impl_->random.bits();
  bool taken = false;
  {
    const std::lock_guard lock(impl_->mutex);
    taken = impl_->book.record(std::move(facts), impl_->clock.now(), impl_->clock.wall_now(), chance);
    impl_->changed.notify_all();
  }
  if (!taken) impl_->observer.event_dropped();
}

void ApiEventRecorder::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    impl_->wait(stop);
    const auto written = impl_->send_next();
    if (written == EventBook::Written::kTryAgain) pause(impl_->clock, std::chrono::seconds(1), stop);
  }
  // What is left gets one chance; a server that does not answer is not waited for again and again.
  while (impl_->send_next() == EventBook::Written::kYes) {
  }
}

}  // namespace otlpipe::runtime
