#include <array>
#include <memory>
#include <stdexcept>

// Before cpprestsdk, whose macro U would break it.
#include <gtest/gtest.h>

#include "operator/kube/body_sink.h"

namespace otlpipe::kube {
namespace {

constexpr std::array<std::uint8_t, 4> kBytes{'a', 'b', 'c', 'd'};

TEST(BodySinkTest, WriteReachesTheReader) {
  const auto exchange = std::make_shared<Exchange>(100);
  EXPECT_EQ(make_body_sink(exchange)->putn_nocopy(kBytes.data(), kBytes.size()).get(), 4U);
  EXPECT_EQ(exchange->await_bytes(MonotonicTime::max(), {}).value(), "abcd");
}

TEST(BodySinkTest, WriteBeyondTheWindowWaitsForTheReader) {
  const auto exchange = std::make_shared<Exchange>(4);
  const auto written = make_body_sink(exchange)->putn_nocopy(kBytes.data(), kBytes.size());
  EXPECT_FALSE(written.is_done());
  EXPECT_EQ(exchange->await_bytes(MonotonicTime::max(), {}).value(), "abcd");
  EXPECT_EQ(written.get(), 4U);
}

// Closing the sink would make a thread of the library wait for others of its threads.
TEST(BodySinkTest, WriteAfterTheReaderLeftFailsAtOnceAndDoesNotCloseTheSink) {
  const auto exchange = std::make_shared<Exchange>(100);
  const auto sink = make_body_sink(exchange);
  exchange->leave();
  const auto written = sink->putn_nocopy(kBytes.data(), kBytes.size());
  EXPECT_TRUE(written.is_done());
  EXPECT_THROW(written.get(), std::runtime_error);
  EXPECT_TRUE(sink->can_write());
}

}  // namespace
}  // namespace otlpipe::kube
