#include "worker/pipeline/core_set.h"

#include <latch>
#include <mutex>
#include <set>
#include <thread>

#include <gtest/gtest.h>

namespace otlpipe::worker::pipeline {
namespace {

TEST(CoreSetTest, EveryCoreBeatsOnItsOwnThreadFromTheStart) {
  const SystemClock clock;
  std::mutex mutex;
  std::set<std::thread::id> threads;
  std::latch first_beats(3);
  CoreSetOptions options{.cores = 3};
  options.on_beat = [&] {
    const std::lock_guard lock(mutex);
    if (threads.insert(std::this_thread::get_id()).second) first_beats.count_down();
  };
  const CoreSet cores(options, transport::make_core, clock);
  first_beats.wait();
  EXPECT_TRUE(cores.responsive(std::chrono::minutes(1)));
  const std::lock_guard lock(mutex);
  EXPECT_FALSE(threads.contains(std::this_thread::get_id()));
}

}  // namespace
}  // namespace otlpipe::worker::pipeline
