#pragma once

#include <cstdint>
#include <string_view>

namespace otlpipe::worker {

// The three kinds of telemetry of OTLP 1.x.
enum class Signal : std::uint8_t { kTraces = 0, kMetrics = 1, kLogs = 2 };
inline constexpr std::size_t kSignalCount = 3;
inline constexpr Signal kAllSignals[] = {Signal::kTraces, Signal::kMetrics, Signal::kLogs};

constexpr std::string_view to_string(Signal s) {
  return s == Signal::kTraces ? "traces" : s == Signal::kMetrics ? "metrics" : "logs";
}

// What one record of the signal is called in metrics and messages.
constexpr std::string_view record_name(Signal s) {
  return s == Signal::kTraces ? "spans" : s == Signal::kMetrics ? "data points" : "log records";
}

}  // namespace otlpipe::worker
