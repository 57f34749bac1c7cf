#include "worker/health/health.h"

#include <gtest/gtest.h>

namespace otlpipe::worker::health {
namespace {

struct Worker {
  Duration silence{0};
  bool configured = true;
  bool draining = false;
  http::Handler handler =
      make_handler({[this](Duration age) { return silence <= age; }, [this] { return configured; },
                    [this] { return draining; }, [] { return std::string("a_metric 1\n"); }});
  int status(std::string_view path) { return handler(path).status; }
};

TEST(Health, HealthyWorkerIsLiveAndReady) {
  Worker worker;
  EXPECT_EQ(worker.status("/livez"), 200);
  EXPECT_EQ(worker.status("/readyz"), 200);
}

TEST(Health, DrainingWorkerIsLiveButNotReady) {
  Worker worker;
  worker.draining = true;
  EXPECT_EQ(worker.status("/livez"), 200);
  EXPECT_EQ(worker.status("/readyz"), 503);
  EXPECT_EQ(worker.handler("/readyz").body, "draining\n");
}

TEST(Health, WorkerWithoutConfigurationIsNotReady) {
  Worker worker;
  worker.configured = false;
  EXPECT_EQ(worker.status("/readyz"), 503);
}

TEST(Health, LoopThatHangsMakesItUnreadyFirstAndThenDead) {
  Worker worker;
  worker.silence = std::chrono::seconds(10);
  EXPECT_EQ(worker.status("/readyz"), 503);
  EXPECT_EQ(worker.status("/livez"), 200);
  worker.silence = std::chrono::seconds(31);
  EXPECT_EQ(worker.status("/livez"), 503);
}

TEST(Health, MetricsAreServedAsText) {
  Worker worker;
  EXPECT_EQ(worker.handler("/metrics").body, "a_metric 1\n");
  EXPECT_EQ(worker.status("/"), 404);
}

}  // namespace
}  // namespace otlpipe::worker::health
