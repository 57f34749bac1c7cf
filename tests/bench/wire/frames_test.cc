#include "tests/bench/wire/frames.h"

#include <gtest/gtest.h>

#include "common/base/bytes.h"
#include "tests/bench/wire/header_reader.h"
#include "tests/bench/wire/http_answer.h"

namespace otlpipe::bench {
namespace {

TEST(Frames, HeadIsReadAsItWasWritten) {
  std::uint8_t bytes[kFrameHeadBytes];
  put_head(bytes, {0x123456, FrameType::kWindowUpdate, 0x25, 0x7fffffff});
  const FrameHead head = get_head(bytes);
  EXPECT_EQ(head.length, 0x123456u);
  EXPECT_EQ(head.type, FrameType::kWindowUpdate);
  EXPECT_EQ(head.flags, 0x25);
  EXPECT_EQ(head.stream, 0x7fffffffu);
}

TEST(Frames, CutIsTheLeastOfWhatIsLeftTheWindowsAndTheFrame) {
  EXPECT_EQ(next_cut(10, 100, 100, 50), 10u);
  EXPECT_EQ(next_cut(1'000, 100, 200, 50), 50u);
  EXPECT_EQ(next_cut(1'000, 30, 200, 50), 30u);
  EXPECT_EQ(next_cut(1'000, 200, 20, 50), 20u);
  EXPECT_EQ(next_cut(1'000, 0, 20, 50), 0u);
  EXPECT_EQ(next_cut(1'000, 20, -5, 50), 0u) << "a smaller initial window may leave a stream in debt";
}

TEST(Frames, HeaderBlockIsReadByARealDecoderAnyNumberOfTimes) {
  const std::string block =
      make_header_block({{":status", "200"}, {"grpc-status", "14"}, {"grpc-message", std::string(300, 'x')}});
  HeaderReader reader;
  for (int i = 0; i < 3; ++i) {
    const auto facts = reader.read(as_bytes(block).data(), block.size());
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->http, 200);
    EXPECT_EQ(facts->grpc, 14);
    EXPECT_EQ(facts->message.size(), 300u);
  }
}

TEST(Frames, GrpcMessageHasItsLengthInFront) {
  EXPECT_EQ(make_grpc_message("abc", true), std::string("\1\0\0\0\3abc", 8));
}

TEST(HttpAnswer, IsTakenWhenItIsComplete) {
  const std::string answer =
      "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbusy";
  EXPECT_FALSE(read_http_answer(answer.substr(0, answer.size() - 1)));
  EXPECT_FALSE(read_http_answer(answer.substr(0, 20)));
  const auto read = read_http_answer(answer + "HTTP/1.1 200");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->status, 503);
  EXPECT_EQ(read->bytes, answer.size());
  EXPECT_EQ(read->body_bytes, 4u);
  EXPECT_TRUE(read->close);
}

TEST(HttpAnswer, WhatHasNoLengthIsNoAnswer) {
  EXPECT_EQ(read_http_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")->bytes, 0u);
  EXPECT_EQ(read_http_answer("SSH-2.0-something\r\n\r\n")->bytes, 0u);
}

}  // namespace
}  // namespace otlpipe::bench
