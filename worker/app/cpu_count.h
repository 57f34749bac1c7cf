#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace otlpipe::worker::app {

// The CPU quota that the cgroups of the process set, in CPUs; nullopt: none. `cgroup_root` is /sys/fs/cgroup,
// `proc_cgroup` the text of /proc/self/cgroup. Reads v2 (cpu.max) and v1 (cpu.cfs_quota_us); the smallest on
// the way to the root counts.
std::optional<double> cpu_quota(const std::string& cgroup_root, const std::string& proc_cgroup);

// At least 1, at most `affinity`.
std::size_t core_count(std::optional<double> quota, std::size_t affinity);

// How many CPUs the process may be scheduled on.
std::size_t affinity_count();

}  // namespace otlpipe::worker::app
