// The engine's small parts, each by itself.
#include <array>
#include <random>
#include <thread>

#include <gtest/gtest.h>
#include <sys/uio.h>

#include "tests/worker/transport/fakes.h"
#include "tests/worker/transport/http2_peer.h"
#include "worker/transport/asio_loop.h"
#include "worker/transport/grpc_framing.h"
#include "worker/transport/http_date.h"
#include "worker/transport/output_queue.h"
#include "worker/transport/timer_heap.h"

namespace otlpipe::worker::transport {
namespace {

using namespace std::chrono_literals;

MonotonicTime at(Duration time) {
  return MonotonicTime(time);
}

TEST(TimerHeap, TimersRunByDeadlineAndThoseOfOneDeadlineInTheirOrder) {
  TimerHeap timers;
  std::string ran;
  timers.add(at(3s), [&] { ran += "c"; });
  timers.add(at(1s), [&] { ran += "a"; });
  timers.add(at(2s), [&] { ran += "b"; });
  timers.add(at(1s), [&] { ran += "A"; });
  EXPECT_EQ(timers.next_deadline(), at(1s));
  while (auto task = timers.pop_due(at(2s))) task();
  EXPECT_EQ(ran, "aAb");
  EXPECT_EQ(timers.next_deadline(), at(3s));
}

TEST(TimerHeap, CancelledTimerNeverRunsAndItsIdIsNeverGivenAgain) {
  TimerHeap timers;
  int ran = 0;
  const auto first = timers.add(at(1s), [&] { ++ran; });
  EXPECT_TRUE(timers.cancel(first));
  EXPECT_FALSE(timers.cancel(first));
  const auto second = timers.add(at(1s), [&] { ++ran; });
  EXPECT_NE(first, second);
  EXPECT_FALSE(timers.cancel(first)) << "the old id must not reach the new timer";
  timers.pop_due(at(1s))();
  EXPECT_FALSE(timers.cancel(second));
  EXPECT_FALSE(timers.cancel(0));
  EXPECT_EQ(ran, 1);
}

TEST(TimerHeap, RandomOperationsKeepTheOrder) {
  TimerHeap timers;
  std::minstd_rand random(1);
  std::vector<TimerHeap::Id> ids;
  std::size_t live = 0;
  for (int i = 0; i < 5'000; ++i) {
    if (random() % 3 != 0 || ids.empty()) {
      ids.push_back(timers.add(at(Duration(random() % 1000)), [] {}));
      ++live;
    } else if (timers.cancel(ids[random() % ids.size()])) {
      --live;
    }
  }
  EXPECT_EQ(timers.size(), live);
  auto last = at(0s);
  while (const auto next = timers.next_deadline()) {
    EXPECT_LE(last, *next);
    last = *next;
    ASSERT_TRUE(timers.pop_due(*next));
  }
}

TEST(AsioLoop, PostedTasksRunInOrderAndTimersAfterThem) {
  AsioLoop loop;
  std::string ran;
  loop.after(0ms, [&] {
    ran += "t";
    loop.stop();
  });
  loop.post([&] { ran += "a"; });
  loop.post([&] { ran += "b"; });
  const auto never = loop.after(0ms, [&] { ran += "x"; });
  loop.cancel(never);
  loop.run();
  EXPECT_EQ(ran, "abt");
}

TEST(AsioLoop, StopBeforeRunIsNotForgotten) {
  AsioLoop loop;
  loop.stop();
  loop.run();
}

TEST(AsioLoop, OtherThreadsPost) {
  AsioLoop loop;
  int sum = 0;
  std::jthread other([&] {
    for (int i = 1; i <= 1'000; ++i) loop.post([&sum, i] { sum += i; });
    loop.post([&] { loop.stop(); });
  });
  loop.run();
  EXPECT_EQ(sum, 500'500);
}

TEST(AsioLoop, NearerTimerIsNotHeldUpByAFartherOne) {
  AsioLoop loop;
  loop.after(1h, [] { FAIL(); });
  loop.after(1ms, [&] { loop.stop(); });
  loop.run();
}

TEST(OutputQueue, SmallAndLargePiecesComeOutInOrderHoweverTheyAreWritten) {
  std::minstd_rand random(3);
  OutputQueue queue;
  std::string expected;
  std::string written;
  for (int round = 0; round < 2'000; ++round) {
    const std::string piece(random() % 3'000, static_cast<char>('a' + round % 26));
    if (random() % 2 == 0) {
      queue.append(std::string_view(piece));
    } else {
      queue.append(Bytes::from(piece));
    }
    expected += piece;
    std::array<iovec, 3> pieces;
    const std::size_t count = queue.gather(pieces.data(), pieces.size());
    std::size_t take = random() % 3'000;
    std::size_t taken = 0;
    for (std::size_t i = 0; i < count && take > 0; ++i) {
      const std::size_t part = std::min(take, pieces[i].iov_len);
      written.append(static_cast<const char*>(pieces[i].iov_base), part);
      take -= part;
      taken += part;
    }
    queue.consume(taken);
    ASSERT_EQ(queue.size(), expected.size() - written.size());
  }
  written += FrameReader::flatten(queue);
  EXPECT_TRUE(written == expected);
  EXPECT_TRUE(queue.empty());
}

TEST(OutputQueue, LargePieceIsSharedAndNotCopied) {
  OutputQueue queue;
  const Bytes large = Bytes::from(std::string(100'000, 'x'));
  queue.append(large);
  iovec piece{};
  ASSERT_EQ(queue.gather(&piece, 1), 1u);
  EXPECT_EQ(piece.iov_base, large.data());
}

TEST(BodyBuffer, CreditCoversTheCapacityAndIsExactInTheEnd) {
  const auto budget = std::make_shared<CountingBudget>(100'000);
  {
    BodyBuffer body(budget, 50'000);
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(body.append(as_bytes("0123456789")));
    EXPECT_GE(budget->used, 1'000u);
    auto [bytes, credit] = body.take();
    EXPECT_EQ(bytes.size(), 1'000u);
    EXPECT_EQ(credit.bytes(), 1'000u);
    EXPECT_EQ(budget->used, 1'000u);
  }
  EXPECT_EQ(budget->used, 0u);
}

TEST(BodyBuffer, DoublingIsGivenUpBeforeTheBytesAre) {
  const auto budget = std::make_shared<CountingBudget>(6'000);
  BodyBuffer body(budget, 50'000);
  ASSERT_TRUE(body.append(as_bytes(std::string(4'096, 'x'))));
  EXPECT_TRUE(body.append(as_bytes(std::string(1'904, 'x')))) << "8192 do not fit, 6000 do";
  const Status over = body.append(as_bytes("x"));
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, Code::kUnavailable);
}

TEST(GrpcText, TimeoutsHaveAtMostEightDigits) {
  EXPECT_EQ(format_grpc_timeout(0ms), "1m");
  EXPECT_EQ(format_grpc_timeout(2500ms), "2500m");
  EXPECT_EQ(format_grpc_timeout(std::chrono::milliseconds(99'999'999)), "99999999m");
  EXPECT_EQ(format_grpc_timeout(std::chrono::milliseconds(100'000'000)), "100000S");
}

TEST(GrpcText, MessagesSurviveAndBrokenEscapesStay) {
  EXPECT_EQ(percent_encode("a b%\n\xc3\xbc"), "a b%25%0A%C3%BC");
  EXPECT_EQ(percent_decode("a%20b%zz%4"), "a b%zz%4");
}

TEST(GrpcText, Base64IsReadWithAndWithoutPadding) {
  EXPECT_EQ(base64_encode("\xff\xfe\xfd\xfc"), "//79/A");
  EXPECT_EQ(base64_decode("//79/A"), "\xff\xfe\xfd\xfc");
  EXPECT_EQ(base64_decode("//79/A=="), "\xff\xfe\xfd\xfc");
  EXPECT_EQ(base64_decode("a"), std::nullopt);
  EXPECT_EQ(base64_decode("a b="), std::nullopt);
}

TEST(GrpcText, ContentTypes) {
  EXPECT_TRUE(is_grpc_content_type("application/grpc"));
  EXPECT_TRUE(is_grpc_content_type("application/grpc+proto"));
  EXPECT_TRUE(is_grpc_content_type("application/grpc;charset=utf-8"));
  EXPECT_FALSE(is_grpc_content_type("application/grpc-web"));
  EXPECT_FALSE(is_grpc_content_type("application/json"));
}

TEST(HttpDate, IsTheOneOfTheStandard) {
  EXPECT_EQ(format_http_date(WallTime(784'111'777s)), "Sun, 06 Nov 1994 08:49:37 GMT");
}

}  // namespace
}  // namespace otlpipe::worker::transport
