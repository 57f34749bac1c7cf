// The generator's connection and the sink's, on a socket pair and one thread.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "tests/bench/wire/ammunition.h"
#include "tests/bench/wire/sink_connection.h"

namespace otlpipe::bench {
namespace {

using worker::Signal;
using worker::compression::Compression;

constexpr std::uint64_t kRequests = 20;

struct Outcome {
  LoadResult load;
  SinkTotals sink;
};

Outcome send_all(const BlastOptions& options, bool only_requests = false) {
  int ends[2];
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
  const auto prepared = prepare(options);
  EXPECT_TRUE(prepared);
  MonotonicTime now{};
  Load load(options.plan, now, [](LoadPhase) {});
  SinkCounter counter(only_requests);
  SinkConnection sink{Handle(ends[1]), counter};
  const auto sender = make_grpc_sender(Handle(ends[0]), prepared->ammunition, load, options.in_flight);
  for (int i = 0; i < 100'000 && !load.finished(); ++i) {
    now += std::chrono::microseconds(10);
    sender->receive(now);
    sender->send(now);
    EXPECT_TRUE(sink.receive());
  }
  EXPECT_TRUE(load.finished());
  return {load.result(), counter.totals()};
}

BlastOptions options_for(Signal signal, Compression compression, std::size_t records) {
  BlastOptions options;
  options.signal = signal;
  options.compression = compression;
  options.records = records;
  options.in_flight = 5;
  options.plan.requests = kRequests;
  options.plan.bodies = 3;
  return options;
}

TEST(Loopback, SinkCountsEveryRecordThatWasAcknowledged) {
  for (const Signal signal : worker::kAllSignals) {
    for (const Compression compression : {Compression::kNone, Compression::kGzip, Compression::kZstd}) {
      const Outcome out = send_all(options_for(signal, compression, 300));
      EXPECT_EQ(out.load.acknowledged, kRequests);
      EXPECT_EQ(out.load.failures, 0u) << out.load.first_failure;
      EXPECT_EQ(out.sink.records[static_cast<std::size_t>(signal)], kRequests * 300u);
      EXPECT_EQ(out.sink.bad, 0u);
    }
  }
}

TEST(Loopback, RequestsLargerAndSmallerThanAFrameAreBothTaken) {
  for (const std::size_t records : {1u, 8u, 4'000u}) {
    const Outcome out = send_all(options_for(Signal::kTraces, Compression::kNone, records));
    EXPECT_EQ(out.sink.records[0], kRequests * records);
  }
}

TEST(Loopback, CountingRequestsOnlyLooksAtNoPayload) {
  const Outcome out = send_all(options_for(Signal::kLogs, Compression::kNone, 8), true);
  EXPECT_EQ(out.load.acknowledged, kRequests);
  EXPECT_EQ(out.sink.requests, kRequests);
  EXPECT_EQ(out.sink.records[2], 0u);
}

}  // namespace
}  // namespace otlpipe::bench
