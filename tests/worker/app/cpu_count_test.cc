#include "worker/app/cpu_count.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace otlpipe::worker::app {
namespace {

namespace fs = std::filesystem;

class CpuCount : public ::testing::Test {
 public:
  ~CpuCount() override { fs::remove_all(root_); }

 protected:
  CpuCount() {
    char path[] = "/tmp/otlpipe-cgroup-XXXXXX";
    root_ = mkdtemp(path);
  }
  void write(const std::string& file, const std::string& text) {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }
  fs::path root_;
};

TEST_F(CpuCount, VersionTwoQuotaOfTheOwnGroup) {
  write("pod/cpu.max", "150000 100000\n");
  EXPECT_EQ(cpu_quota(root_, "0::/pod\n"), 1.5);
}

TEST_F(CpuCount, SmallestQuotaOnTheWayToTheRootCounts) {
  write("pod/cpu.max", "50000 100000\n");
  write("pod/container/cpu.max", "max 100000\n");
  EXPECT_EQ(cpu_quota(root_, "0::/pod/container\n"), 0.5);
}

TEST_F(CpuCount, PathOfTheHostInsideAContainerFallsBackToTheRoot) {
  write("cpu.max", "200000 100000\n");
  EXPECT_EQ(cpu_quota(root_, "0::/kubepods/pod1/abc\n"), 2.0);
}

TEST_F(CpuCount, VersionOneQuota) {
  write("cpu/pod/cpu.cfs_quota_us", "300000\n");
  write("cpu/pod/cpu.cfs_period_us", "100000\n");
  write("cpu/cpu.cfs_quota_us", "-1\n");
  write("cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cpu_quota(root_, "5:memory:/pod\n4:cpu,cpuacct:/pod\n"), 3.0);
}

TEST_F(CpuCount, NoQuotaAndGarbageAreNone) {
  write("cpu.max", "nonsense");
  EXPECT_EQ(cpu_quota(root_, "0::/\nno colons\n"), std::nullopt);
}

TEST_F(CpuCount, QuotaIsRoundedUpAndBoundedByTheCpusThereAre) {
  EXPECT_EQ(core_count(1.5, 8), 2U);
  EXPECT_EQ(core_count(0.1, 8), 1U);
  EXPECT_EQ(core_count(16.0, 8), 8U);
  EXPECT_EQ(core_count(std::nullopt, 8), 8U);
}

}  // namespace
}  // namespace otlpipe::worker::app
