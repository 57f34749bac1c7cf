#include "worker/app/cpu_count.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <sched.h>

namespace otlpipe::worker::app {
namespace {

namespace fs = std::filesystem;

void lower(std::optional<double>& quota, double other) {
  if (other > 0 && (!quota || other < *quota)) quota = other;
}

// cpu.max holds "max 100000" or "150000 100000".
void read_v2(const fs::path& folder, std::optional<double>& quota) {
  std::ifstream file(folder / "cpu.max");
  std::string amount;
  double period = 0;
  if (file >> amount >> period && amount != "max" && period > 0)
    lower(quota, std::atof(amount.c_str()) / period);
}

void read_v1(const fs::path& folder, std::optional<double>& quota) {
  std::ifstream quota_file(folder / "cpu.cfs_quota_us");
  std::ifstream period_file(folder / "cpu.cfs_period_us");
  double amount = 0;
  double period = 0;
  if (quota_file >> amount && period_file >> period && amount > 0 && period > 0)
    lower(quota, amount / period);
}

// Inside a container the path is often that of the host, which does not exist there; the root then is the
// container's own.
template <typename Read>
void up_to_root(const fs::path& root, const fs::path& relative, Read read, std::optional<double>& quota) {
  for (fs::path folder = relative.relative_path(); !folder.empty(); folder = folder.parent_path()) {
    read(root / folder, quota);
  }
  read(root, quota);
}

}  // namespace

std::optional<double> cpu_quota(const std::string& cgroup_root, const std::string& proc_cgroup) {
  std::optional<double> quota;
  std::istringstream lines(proc_cgroup);
  for (std::string line; std::getline(lines, line);) {
    // "0::/path" is v2, "4:cpu,cpuacct:/path" is v1.
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string path = line.substr(second + 1);
    if (controllers.empty()) {
      up_to_root(cgroup_root, path, read_v2, quota);
    } else if ((',' + controllers + ',').find(",cpu,") != std::string::npos) {
      up_to_root(fs::path(cgroup_root) / "cpu", path, read_v1, quota);
    }
  }
  return quota;
}

std::size_t core_count(std::optional<double> quota, std::size_t affinity) {
  const std::size_t wanted = quota ? static_cast<std::size_t>(std::ceil(*quota)) : affinity;
  return std::max<std::size_t>(1, std::min(wanted, affinity));
}

std::size_t affinity_count() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<std::size_t>(std::max(1, CPU_COUNT(&set)));
}

}  // namespace otlpipe::worker::app
