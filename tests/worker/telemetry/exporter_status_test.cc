#include "worker/telemetry/exporter_status.h"

#include <gtest/gtest.h>

namespace otlpipe::worker::telemetry {
namespace {

TEST(ExporterStatus, IsDegradedAfterAFailureAndFailingAfterThreeInARow) {
  ExporterStatus status;
  EXPECT_EQ(status.health(), Health::kUnknown);
  status.succeeded();
  EXPECT_EQ(status.health(), Health::kHealthy);
  for (const Health expected : {Health::kDegraded, Health::kDegraded, Health::kFailing, Health::kFailing}) {
    status.failed("refused");
    EXPECT_EQ(status.health(), expected);
    EXPECT_EQ(status.last_error(), "refused");
  }
  status.succeeded();
  EXPECT_EQ(status.health(), Health::kHealthy);
  EXPECT_EQ(status.last_error(), "");
}

TEST(ExporterStatus, TellsOnceThatATimeOfFailingIsOver) {
  ExporterStatus status;
  EXPECT_FALSE(status.succeeded());
  status.failed("a");
  EXPECT_FALSE(status.succeeded()) << "one failure was not worth a line";
  for (int i = 0; i < 3; ++i) status.failed("b");
  EXPECT_TRUE(status.succeeded());
  EXPECT_FALSE(status.succeeded());
}

}  // namespace
}  // namespace otlpipe::worker::telemetry
