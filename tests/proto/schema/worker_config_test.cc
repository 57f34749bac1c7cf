#include "proto/schema/worker_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "otlpipe/v1alpha1/worker_config.pb.h"
#include "proto/schema/decode.h"
#include "tests/proto/schema/pipeline_text.h"

namespace otlpipe::schema {
namespace {

v1alpha1::WorkerConfig resolved(const nlohmann::json& spec) {
  return resolve_worker_config(decoded(spec), "ns", "gateway").value();
}

TEST(ResolveWorkerConfig, HoldsTheDataPlaneAndIsValid) {
  const auto config = resolved(small_spec());
  EXPECT_EQ(config.identity().namespace_(), "ns");
  EXPECT_EQ(config.identity().name(), "gateway");
  EXPECT_EQ(config.exporters_size(), 2);
  EXPECT_EQ(config.pipelines(0).name(), "all");
  EXPECT_EQ(config.telemetry().metrics().port(), 8888);
  EXPECT_FALSE(config.has_control());
  EXPECT_THAT(validate(config, ""), testing::IsEmpty());
}

TEST(ResolveWorkerConfig, MemoryBudgetIsGivenOrAShareOfTheLimitOrFixed) {
  nlohmann::json spec = small_spec();
  EXPECT_EQ(resolved(spec).memory_budget(), (std::int64_t{256} << 20) / 100 * 80);
  spec["memoryBudget"] = "160Mi";
  EXPECT_EQ(resolved(spec).memory_budget(), std::int64_t{160} << 20);
  spec.erase("memoryBudget");
  spec["resources"] = {{"requests", {{"memory", "1Gi"}}}};
  EXPECT_EQ(resolved(spec).memory_budget(), kMemoryBudgetWithoutLimit);
}

TEST(ResolveWorkerConfig, DrainEndsBeforeTheGracePeriodDoes) {
  nlohmann::json spec = small_spec();
  EXPECT_EQ(resolved(spec).drain_timeout().seconds(), 55);
  spec["terminationGracePeriodSeconds"] = 4;
  EXPECT_EQ(resolved(spec).drain_timeout().seconds(), 2);
}

}  // namespace
}  // namespace otlpipe::schema
