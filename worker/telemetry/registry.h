#pragma once

// All metrics of the process by name and labels. Thread safe. Making a metric locks; adding to one does not.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "worker/telemetry/counter.h"

namespace otlpipe::worker::telemetry {

using Labels = std::vector<std::pair<std::string, std::string>>;

// One value at one time.
struct Sample {
  Labels labels;
  double value = 0;
};
struct Family {
  std::string name;
  std::string help;
  bool counter = true;  // otherwise a gauge
  std::vector<Sample> samples;
};

class Registry {
 public:
  explicit Registry(std::size_t cores) : cores_(cores) {}
  std::size_t cores() const { return cores_; }

  // The counter of that name and labels; the same one for everybody who asks, so it goes on counting over
  // reloads.
  std::shared_ptr<Counter> counter(const std::string& name, const std::string& help, const Labels& labels);

  // A value that is read when somebody looks. Gone when `owner` is. `read` must be thread safe.
  void gauge(const std::string& name, const std::string& help, const Labels& labels,
             std::weak_ptr<const void> owner, std::function<double()> read);
  // The same for a number that only grows and that something else counts.
  void sampled_counter(const std::string& name, const std::string& help, const Labels& labels,
                       std::weak_ptr<const void> owner, std::function<double()> read);

  std::vector<Family> collect() const;

  // The sum over all series of that name that carry all of `labels`.
  std::uint64_t sum(std::string_view name, const Labels& labels) const;

 private:
  struct Series {
    Labels labels;
    std::shared_ptr<Counter> counter;
    std::weak_ptr<const void> owner;
    std::function<double()> read;
  };
  struct Group {
    std::string help;
    bool counter = true;
    std::vector<Series> series;
  };
  void add(const std::string& name, const std::string& help, bool counter, Series series);

  std::size_t cores_;
  mutable std::mutex mutex_;
  std::map<std::string, Group, std::less<>> groups_;
};

// The families in Prometheus' text format.
std::string prometheus_text(const std::vector<Family>& families);

}  // namespace otlpipe::worker::telemetry
