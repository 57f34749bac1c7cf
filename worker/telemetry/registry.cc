#include "worker/telemetry/registry.h"

#include <algorithm>

namespace otlpipe::worker::telemetry {

std::shared_ptr<Counter> Registry::counter(const std::string& name, const std::string& help,
                                           const Labels& labels) {
  const std::lock_guard lock(mutex_);
  Group& group = groups_[name];
  for (const Series& series : group.series) {
    if (series.labels == labels) return series.counter;
  }
  group.help = help;
  group.series.push_back({labels, std::make_shared<Counter>(cores_), {}, {}});
  return group.series.back().counter;
}

void Registry::gauge(const std::string& name, const std::string& help, const Labels& labels,
                     std::weak_ptr<const void> owner, std::function<double()> read) {
  add(name, help, false, {labels, nullptr, std::move(owner), std::move(read)});
}

void Registry::sampled_counter(const std::string& name, const std::string& help, const Labels& labels,
                               std::weak_ptr<const void> owner, std::function<double()> read) {
  add(name, help, true, {labels, nullptr, std::move(owner), std::move(read)});
}

void Registry::add(const std::string& name, const std::string& help, bool counter, Series series) {
  const std::lock_guard lock(mutex_);
  Group& group = groups_[name];
  group.help = help;
  group.counter = counter;
  // The newest owner of a name and labels speaks for it; those that are gone make room.
  std::erase_if(group.series, [&](const Series& s) {
    return !s.counter && (s.labels == series.labels || s.owner.expired());
  });
  group.series.push_back(std::move(series));
}

std::vector<Family> Registry::collect() const {
  const std::lock_guard lock(mutex_);
  std::vector<Family> families;
  for (const auto& [name, group] : groups_) {
    Family family{name, group.help, group.counter, {}};
    for (const Series& series : group.series) {
      if (series.counter) {
        family.samples.push_back({series.labels, static_cast<double>(series.counter->sum())});
      } else if (const auto alive = series.owner.lock()) {
        family.samples.push_back({series.labels, series.read()});
      }
    }
    if (!family.samples.empty()) families.push_back(std::move(family));
  }
  return families;
}

std::uint64_t Registry::sum(std::string_view name, const Labels& labels) const {
  const std::lock_guard lock(mutex_);
  const auto group = groups_.find(name);
  if (group == groups_.end()) return 0;
  std::uint64_t total = 0;
  for (const Series& series : group->second.series) {
    const bool matches = std::all_of(labels.begin(), labels.end(), [&](const auto& label) {
      return std::find(series.labels.begin(), series.labels.end(), label) != series.labels.end();
    });
    if (!matches) continue;
    if (series.counter) {
      total += series.counter->sum();
    } else if (const auto alive = series.owner.lock()) {
      total += static_cast<std::uint64_t>(series.read());
    }
  }
  return total;
}

}  // namespace otlpipe::worker::telemetry
