#include "worker/telemetry/process.h"

#include <chrono>
#include <fstream>

#include <sys/resource.h>
#include <unistd.h>

namespace otlpipe::worker::telemetry {

std::uint64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  if (!(statm >> total >> resident)) return 0;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void register_process_metrics(Registry& registry, const std::shared_ptr<const void>& owner,
                              const Clock& clock, MonotonicTime start) {
  registry.gauge("otlpipe_process_resident_memory_bytes", "Resident memory of the process", {}, owner,
                 [] { return static_cast<double>(resident_bytes()); });
  registry.sampled_counter("otlpipe_process_cpu_seconds", "CPU time of the process", {}, owner, cpu_seconds);
  registry.gauge("otlpipe_process_uptime_seconds", "Time since the process began", {}, owner,
                 [&clock, start] { return std::chrono::duration<double>(clock.now() - start).count(); });
}

}  // namespace otlpipe::worker::telemetry
