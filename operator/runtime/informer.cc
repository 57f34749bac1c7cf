#include "operator/runtime/informer.h"

#include <utility>

#include <nlohmann/json.hpp>

namespace otlpipe::runtime {
namespace {

using kube::WatchEventType;

kube::ListOptions list_options(const InformerSpec& spec, const RequestPage& page) {
  kube::ListOptions options;
  options.ns = spec.ns;
  options.label_selector = spec.label_selector;
  options.field_selector = spec.field_selector;
  options.continue_token = page.continue_token;
  options.limit = page.limit;
  return options;
}

kube::WatchOptions watch_options(const InformerSpec& spec, const OpenWatch& watch) {
  kube::WatchOptions options;
  options.ns = spec.ns;
  options.label_selector = spec.label_selector;
  options.field_selector = spec.field_selector;
  options.resource_version = watch.resource_version;
  options.timeout = watch.timeout;
  options.idle_timeout = watch.timeout + std::chrono::seconds(30);
  return options;
}

}  // namespace

// Carries out actions. Each returns what the state machine hears next; nothing means that this is the end.
struct Informer::Edge {
  Informer& informer;
  const std::stop_token stop;
  WatcherState state = {};

  void run() {
    WatcherInput next = Begin{};
    while (!stop.stop_requested()) {
      auto actions = step(state, std::move(next), informer.spec_.watcher, informer.random_.uniform());
      next = WaitOver{};
      for (WatcherAction& action : actions) {
        std::visit([this, &next](auto&& value) { perform(std::forward<decltype(value)>(value), next); },
                   std::move(action));
      }
    }
  }

  kube::ObjectPtr store(nlohmann::json&& object) const {
    // Items of a list do not say what they are; objects of a watch do.
    const kube::Resource& resource = informer.spec_.resource;
    object["kind"] = resource.kind;
    object["apiVersion"] = resource.api_version();
    kube::strip_bulk(object);
    if (informer.spec_.strip) informer.spec_.strip(object);
    return std::make_shared<const nlohmann::json>(std::move(object));
  }

  void failed(const Error& error, std::string_view what) const {
    if (error.code == Code::kCancelled || stop.stop_requested()) return;
    const std::string_view kind = informer.spec_.resource.kind;
    {
      const std::lock_guard lock(informer.mutex_);
      informer.last_error_ = error.to_string();
    }
    informer.observer_.watch_restarted(kind, to_string(error.code));
    if (error.code == Code::kOutOfRange) {
      informer.logger_.info("history is gone, listing again", {{"kind", kind}, {"reason", error}});
    } else {
      informer.logger_.warn(what, {{"kind", kind}, {"error", error}});
    }
  }

  void recovered() const {
    const std::lock_guard lock(informer.mutex_);
    informer.last_error_.clear();
  }

  void perform(ReplaceAll&& all, WatcherInput&) const {
    const std::size_t count = all.objects.size();
    informer.cache_.replace(std::move(all.objects));
    informer.observer_.listed(informer.spec_.resource.kind, count);
    recovered();
  }
  void perform(Upsert&& upsert, WatcherInput&) const { informer.cache_.upsert(std::move(upsert.object)); }
  void perform(Erase&& erase, WatcherInput&) const { informer.cache_.erase(erase.key); }

  void perform(RequestPage&& request, WatcherInput& next) const {
    auto page = informer.client_.list(informer.spec_.resource, list_options(informer.spec_, request));
    const auto items = page ? page->find("items") : nlohmann::json::iterator();
    // A Go server writes an empty list as null now and then.
    if (page && (!page->is_object() || items == page->end() || !(items->is_array() || items->is_null()))) {
      page =
          fail(Code::kDataLoss, "the answer is not a list", informer.spec_.resource.plural, Retry::backoff());
    }
    if (!page) {
      failed(page.error(), "cannot list");
      next = ListFailed{std::move(page.error())};
      return;
    }
    PageListed listed{{},
                      std::string(kube::resource_version(*page)),
                      std::string(kube::find_string(*page, "metadata.continue"))};
    for (nlohmann::json& item : *items) {
      if (item.is_object() && !kube::name(item).empty()) listed.items.push_back(store(std::move(item)));
    }
    next = std::move(listed);
  }

  void perform(OpenWatch&& watch, WatcherInput& next) {
    const MonotonicTime opened = informer.clock_.now();
    const auto on_event = [this](WatchEventType type, nlohmann::json&& object) {
      event(type, std::move(object));
    };
    const Status ended =
        informer.client_.watch(informer.spec_.resource, watch_options(informer.spec_, watch), on_event, stop);
    if (ended) {
      next = WatchEnded{informer.clock_.now() - opened};
      return;
    }
    failed(ended.error(), "watch failed");
    next = WatchFailed{ended.error()};
  }

  // Events go through the machine while the watch request is still open; none of them asks for another
  // request.
  void event(WatchEventType type, nlohmann::json&& object) {
    WatcherInput input =
        type == WatchEventType::kBookmark
            ? WatcherInput(BookmarkSeen{std::string(kube::resource_version(object))})
            : WatcherInput(ObjectChanged{store(std::move(object)), type == WatchEventType::kDeleted});
    recovered();
    for (WatcherAction& action : step(state, std::move(input), informer.spec_.watcher, 0.5)) {
      if (auto* upsert = std::get_if<Upsert>(&action)) informer.cache_.upsert(std::move(upsert->object));
      if (auto* erase = std::get_if<Erase>(&action)) informer.cache_.erase(erase->key);
    }
  }

  void perform(Wait&& wait, WatcherInput& next) const {
    pause(informer.clock_, wait.delay, stop);
    next = WaitOver{};
  }
};

Informer::Informer(InformerSpec spec, kube::Client& client, WaitClock& clock, Random& random, Logger logger,
                   Observer& observer)
    : spec_(std::move(spec)),
      client_(client),
      clock_(clock),
      random_(random),
      logger_(std::move(logger)),
      observer_(observer) {}

Informer::~Informer() = default;

void Informer::run(std::stop_token stop) {
  Edge{*this, std::move(stop)}.run();
}

std::string Informer::last_error() const {
  const std::lock_guard lock(mutex_);
  return last_error_;
}

}  // namespace otlpipe::runtime
