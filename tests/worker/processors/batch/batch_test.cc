#include "worker/processors/batch/batch.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/worker/fake_network.h"
#include "tests/support/worker/otlp_data.h"

namespace otlpipe::worker::processors::batch {
namespace {

using data::Batch;
using data::Outcome;
using std::chrono::milliseconds;

class Collect final : public pipeline::Consumer {
 public:
  void consume(Batch batch) override { batches.push_back(std::move(batch)); }
  std::vector<Batch> batches;
};

class BatchProcessor : public ::testing::Test {
 protected:
  pipeline::Processor& processor() {
    if (!processor_) {
      processor_ = make_batch_processor(
          config_, std::make_shared<const telemetry::ProcessorMetrics>(registry_, "batch", "all"), core_,
          next_);
    }
    return *processor_;
  }
  Batch request(std::size_t records, Signal signal = Signal::kLogs) {
    return {signal, Bytes::from(testing::make_request(signal, records, "r")), records,
            data::Ack::track(records, [this](const Outcome&) { ++answers_; })};
  }
  std::vector<std::uint64_t> sizes() const {
    std::vector<std::uint64_t> result;
    for (const Batch& batch : next_.batches) result.push_back(batch.records());
    return result;
  }

  Config config_{100, 1 << 20, milliseconds(50)};
  telemetry::Registry registry_{1};
  testing::FakeNetwork network_;
  SeededRandom random_{1};
  pipeline::CoreContext core_{0, network_, random_};
  Collect next_;
  int answers_ = 0;
  std::unique_ptr<pipeline::Processor> processor_;
};

using Sizes = std::vector<std::uint64_t>;

TEST_F(BatchProcessor, SmallRequestsWaitForEachOtherUntilTheTimeout) {
  processor().consume(request(10));
  network_.loop().advance(milliseconds(30));
  processor().consume(request(20));
  network_.loop().advance(milliseconds(19));
  EXPECT_TRUE(next_.batches.empty());
  network_.loop().advance(milliseconds(1));
  EXPECT_EQ(sizes(), Sizes{30});
  EXPECT_EQ(next_.batches[0].parts().size(), 2U);
}

TEST_F(BatchProcessor, FullBatchGoesAtOnceAndTheNextHasItsOwnTimeout) {
  processor().consume(request(60));
  processor().consume(request(40));
  EXPECT_EQ(sizes(), Sizes{100});
  network_.loop().advance(milliseconds(40));
  processor().consume(request(1));
  network_.loop().advance(milliseconds(49));
  EXPECT_EQ(sizes(), Sizes{100});
  network_.loop().advance(milliseconds(1));
  EXPECT_EQ(sizes(), (Sizes{100, 1}));
}

TEST_F(BatchProcessor, WhatDoesNotFitAnyMoreStartsTheNextBatchUncut) {
  processor().consume(request(60));
  processor().consume(request(60));
  EXPECT_EQ(sizes(), Sizes{60});
  network_.loop().advance(milliseconds(50));
  EXPECT_EQ(sizes(), (Sizes{60, 60}));
}

TEST_F(BatchProcessor, TooLargeRequestIsCutEvenlySentAtOnceAndAnsweredOnce) {
  processor().consume(request(250));
  EXPECT_EQ(sizes(), (Sizes{84, 84, 82}));
  for (Batch& batch : next_.batches) batch.resolve(Outcome::delivered());
  EXPECT_EQ(answers_, 1);
}

TEST_F(BatchProcessor, BytesBoundABatchToo) {
  config_.max_bytes = 1000;
  for (int i = 0; i < 8; ++i) processor().consume(request(3));
  network_.loop().advance(milliseconds(50));
  ASSERT_GT(next_.batches.size(), 1U);
  for (const Batch& batch : next_.batches) EXPECT_LE(batch.bytes(), 1000U);
}

TEST_F(BatchProcessor, SignalsDoNotMix) {
  processor().consume(request(10, Signal::kLogs));
  processor().consume(request(10, Signal::kTraces));
  network_.loop().advance(milliseconds(50));
  EXPECT_EQ(sizes(), (Sizes{10, 10}));
}

TEST_F(BatchProcessor, RequestsOfDifferentTenantsDoNotMixAndTheirBatchesSayWhose) {
  config_.metadata_keys = {"x-tenant"};
  const auto of_tenant = [&](const std::string& tenant, std::size_t records) {
    Batch batch = request(records);
    if (!tenant.empty()) {
      batch.set_metadata(std::make_shared<const data::Metadata>(
          data::Metadata{{"x-tenant", tenant}, {"x-other", std::to_string(records)}}));
    }
    return batch;
  };
  processor().consume(of_tenant("a", 1));
  processor().consume(of_tenant("b", 2));
  processor().consume(of_tenant("", 4));
  processor().consume(of_tenant("a", 8));
  processor().consume(of_tenant("b", 16));
  network_.loop().advance(milliseconds(50));
  EXPECT_EQ(sizes(), (Sizes{9, 18, 4}));
  ASSERT_NE(next_.batches[1].metadata(), nullptr);
  EXPECT_EQ(*next_.batches[1].metadata(), (data::Metadata{{"x-tenant", "b"}})) << "and nothing else";
  EXPECT_EQ(next_.batches[2].metadata(), nullptr);
}

TEST_F(BatchProcessor, MoreTenantsThanTheLimitGoOnUngatheredAndUnmixed) {
  config_.metadata_keys = {"x-tenant"};
  config_.metadata_cardinality_limit = 5;
  for (int round = 0; round < 2; ++round) {
    for (int tenant = 0; tenant < 7; ++tenant) {
      Batch batch = request(10);
      batch.set_metadata(
          std::make_shared<const data::Metadata>(data::Metadata{{"x-tenant", std::to_string(tenant)}}));
      processor().consume(std::move(batch));
    }
  }
  EXPECT_EQ(sizes(), (Sizes{10, 10, 10, 10})) << "of the last two";
  network_.loop().advance(milliseconds(50));
  EXPECT_EQ(sizes(), (Sizes{10, 10, 10, 10, 20, 20, 20, 20, 20}));
}

TEST_F(BatchProcessor, DrainPassesOnWhatIsHeldAndHoldsNothingBackAfterwards) {
  processor().consume(request(10));
  processor().drain();
  EXPECT_EQ(sizes(), Sizes{10});
  processor().consume(request(5));
  EXPECT_EQ(sizes(), (Sizes{10, 5}));
  EXPECT_EQ(network_.loop().timer_count(), 0U);
}

TEST_F(BatchProcessor, DestroyedWithoutDrainTellsItsClientsToComeAgain) {
  processor().consume(request(10));
  processor_.reset();
  EXPECT_EQ(answers_, 1);
  EXPECT_EQ(network_.loop().timer_count(), 0U);
}

TEST_F(BatchProcessor, CountsWhatGoesInAndOut) {
  processor().consume(request(250));
  EXPECT_EQ(registry_.sum("otlpipe_processor_incoming_records", {{"signal", "logs"}}), 250U);
  EXPECT_EQ(registry_.sum("otlpipe_processor_outgoing_records", {{"signal", "logs"}}), 250U);
  EXPECT_EQ(registry_.sum("otlpipe_processor_outgoing_batches", {{"signal", "logs"}}), 3U);
}

}  // namespace
}  // namespace otlpipe::worker::processors::batch
