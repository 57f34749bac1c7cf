#include "operator/runtime/watcher.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/time/backoff.h"

namespace otlpipe::runtime {
namespace {

using Actions = std::vector<WatcherAction>;
constexpr double kJitter = 0.5;

template <typename... Fs>
struct Match : Fs... {
  using Fs::operator()...;
};
template <typename... Fs>
Match(Fs...) -> Match<Fs...>;

struct Stepper {
  WatcherState& state;
  const WatcherOptions& options;
  double chance;

  Actions list(bool paged) {
    state.phase = Listing{{}, paged, {}};
    return {RequestPage{"", paged ? options.page_size : 0}};
  }

  Actions open_watch(std::string resource_version) {
    state.phase = Watching{resource_version};
    const auto extra = static_cast<std::int64_t>(chance * static_cast<double>(options.watch_timeout.count()));
    return {OpenWatch{std::move(resource_version), options.watch_timeout + std::chrono::seconds(extra)}};
  }

  Actions wait(std::string resource_version, bool paged, const Retry& retry) {
    const BackoffOptions growth{options.initial_backoff, options.max_backoff, 2, kJitter};
    const Duration own = backoff_delay(state.failures++, growth, chance);
    state.phase = Waiting{std::move(resource_version), paged};
    return {Wait{retry.kind == Retry::Kind::kAfter ? std::max<Duration>(own, retry.delay) : own}};
  }

  void advance(Watching& watching, std::string resource_version) {
    if (!resource_version.empty()) watching.resource_version = std::move(resource_version);
    progressed();
  }

  void progressed() {
    state.failures = 0;
    state.listed_again = false;
  }

  Actions on(Begin) { return std::holds_alternative<Start>(state.phase) ? list(true) : Actions{}; }

  Actions on(PageListed page) {
    auto* listing = std::get_if<Listing>(&state.phase);
    if (listing == nullptr) return {};
    listing->so_far.insert(listing->so_far.end(), std::make_move_iterator(page.items.begin()),
                           std::make_move_iterator(page.items.end()));
    // All pages of one list show the same version.
    if (listing->resource_version.empty()) listing->resource_version = page.resource_version;
    if (!page.continue_token.empty()) return {RequestPage{std::move(page.continue_token), options.page_size}};
    Actions actions{ReplaceAll{std::move(listing->so_far)}};
    std::string version = std::move(listing->resource_version);
    for (auto& action : open_watch(std::move(version))) actions.push_back(std::move(action));
    return actions;
  }

  Actions on(const ListFailed& failed) {
    const auto* listing = std::get_if<Listing>(&state.phase);
    if (listing == nullptr) return {};
    // A page that expired (410): the list took longer than the server keeps history. In one piece it cannot
    // expire.
    const bool paged = listing->paged && failed.error.code != Code::kOutOfRange;
    return wait("", paged, failed.error.retry);
  }

  Actions on(ObjectChanged change) {
    auto* watching = std::get_if<Watching>(&state.phase);
    if (watching == nullptr || !change.object) return {};
    advance(*watching, std::string(kube::resource_version(*change.object)));
    if (change.deleted) return {Erase{kube::key_of(*change.object)}};
    return {Upsert{std::move(change.object)}};
  }

  Actions on(BookmarkSeen bookmark) {
    auto* watching = std::get_if<Watching>(&state.phase);
    if (watching == nullptr) return {};
    advance(*watching, std::move(bookmark.resource_version));
    return {};
  }

  Actions on(WatchEnded ended) {
    auto* watching = std::get_if<Watching>(&state.phase);
    if (watching == nullptr) return {};
    std::string version = std::move(watching->resource_version);
    if (ended.lived < options.shortest_watch) return wait(std::move(version), true, {});
    progressed();
    return open_watch(std::move(version));
  }

  Actions on(const WatchFailed& failed) {
    auto* watching = std::get_if<Watching>(&state.phase);
    if (watching == nullptr) return {};
    // kOutOfRange is 410: the version is no longer in the server's history. kDataLoss is an event that could
    // not be read: it would come again at the same version, so that is a reason to list as well.
    const bool gone = failed.error.code == Code::kOutOfRange || failed.error.code == Code::kDataLoss;
    // The first time at once; again without any progress in between, after a wait.
    if (gone && !std::exchange(state.listed_again, true)) return list(true);
    return wait(gone ? std::string() : std::move(watching->resource_version), true, failed.error.retry);
  }

  Actions on(WaitOver) {
    auto* waiting = std::get_if<Waiting>(&state.phase);
    if (waiting == nullptr) return {};
    if (waiting->resource_version.empty()) return list(waiting->paged);
    return open_watch(std::move(waiting->resource_version));
  }
};

}  // namespace

Actions step(WatcherState& state, WatcherInput input, const WatcherOptions& options, double chance) {
  Stepper stepper{state, options, chance};
  return std::visit([&stepper](auto&& value) { return stepper.on(std::forward<decltype(value)>(value)); },
                    std::move(input));
}

std::string_view phase_name(const WatcherState& state) {
  return std::visit(
      Match{[](const Start&) { return "start"; }, [](const Listing&) { return "listing"; },
            [](const Watching&) { return "watching"; }, [](const Waiting&) { return "waiting"; }},
      state.phase);
}

}  // namespace otlpipe::runtime
