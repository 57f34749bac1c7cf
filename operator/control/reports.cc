#include "operator/control/reports.h"

#include <algorithm>
#include <cmath>

#include "operator/api/text.h"
#include "otlpipe/control/v1/control.pb.h"

namespace otlpipe::control {
namespace {

constexpr std::size_t kMaxText = 1024;
constexpr int kMaxProblems = 32;
constexpr int kMaxExporters = 64;

std::string cut(const std::string& text) {
  return api::cut(text, kMaxText);
}

ExporterHealth health_of(v1::Health health) {
  switch (health) {
    case v1::HEALTH_HEALTHY:
      return ExporterHealth::kHealthy;
    case v1::HEALTH_DEGRADED:
      return ExporterHealth::kDegraded;
    case v1::HEALTH_FAILING:
      return ExporterHealth::kFailing;
    default:
      return ExporterHealth::kUnknown;
  }
}

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

// One worker that fails among many that deliver: the exporter is degraded, not failing.
ExporterHealth together(ExporterHealth a, ExporterHealth b) {
  if (a == ExporterHealth::kUnknown) {
    return b;
  }
  if (b == ExporterHealth::kUnknown || a == b) {
    return a;
  }
  return ExporterHealth::kDegraded;
}

}  // namespace

std::vector<Problem> problems_of(const v1::ConfigResult& result) {
  std::vector<Problem> problems;
  for (int i = 0; i < std::min(result.errors_size(), kMaxProblems); ++i) {
    problems.push_back({cut(result.errors(i).path()), cut(result.errors(i).message())});
  }
  if (!result.accepted() && problems.empty()) {
    problems.push_back({"", "rejected without a reason"});
  }
  return problems;
}

Flow flow_of(const v1::Report& report) {
  Flow flow;
  for (const auto& receiver : report.receivers()) {
    for (const auto& counters : receiver.counters()) {
      flow.received += counters.received();
      flow.refused += counters.refused();
    }
  }
  for (const auto& processor : report.processors()) {
    for (const auto& counters : processor.counters()) {
      flow.dropped += counters.dropped();
    }
  }
  for (const auto& exporter : report.exporters()) {
    for (const auto& counters : exporter.counters()) {
      flow.sent += counters.sent();
      flow.dropped += counters.dropped() + counters.rejected();
    }
  }
  return flow;
}

Duration uptime_of(const v1::Report& report) {
  constexpr double kYear = 365.0 * 24 * 3600;
  const double seconds = report.uptime_seconds();
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(std::isfinite(seconds) ? std::clamp(seconds, 0.0, kYear) : kYear));
}

std::vector<ExporterSummary> exporters_of(const v1::Report& report) {
  std::vector<ExporterSummary> exporters;
  for (int i = 0; i < std::min(report.exporters_size(), kMaxExporters); ++i) {
    const auto& exporter = report.exporters(i);
    const auto& queue = exporter.queue();
    exporters.push_back({.name = cut(exporter.name()),
                         .health = health_of(exporter.health()),
                         .queued_items = queue.items(),
                         .queue_fill = std::max(share(queue.items(), queue.max_items()),
                                                share(queue.bytes(), queue.max_bytes())),
                         .last_error = cut(exporter.last_error())});
  }
  return exporters;
}

void merge(std::vector<ExporterSummary>& all, const std::vector<ExporterSummary>& one) {
  for (const ExporterSummary& exporter : one) {
    const auto found = std::ranges::find(all, exporter.name, &ExporterSummary::name);
    if (found == all.end()) {
      all.push_back(exporter);
      continue;
    }
    found->health = together(found->health, exporter.health);
    found->queued_items += exporter.queued_items;
    found->queue_fill = std::max(found->queue_fill, exporter.queue_fill);
    if (found->last_error.empty()) {
      found->last_error = exporter.last_error;
    }
  }
}

}  // namespace otlpipe::control
