#include "worker/compression/buffer.h"

#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace otlpipe::worker::compression {
namespace {

constexpr std::size_t kMiB = 1u << 20;

void fill(Buffer& buffer) {
  while (buffer.room() > 0) {
    *buffer.end() = static_cast<std::uint8_t>(buffer.size() * 31 / 4096);
    buffer.commit(1);
  }
}

bool whole(ByteView content) {
  for (std::size_t i = 0; i < content.size(); i += 511) {
    if (content[i] != static_cast<std::uint8_t>(i * 31 / 4096)) return false;
  }
  return true;
}

TEST(Buffer, GrowsAndShrinksAcrossTheLimitOfItsOwnPagesWithItsContent) {
  Buffer buffer(3);
  for (const std::size_t capacity :
       {std::size_t{100}, kMiB, Buffer::kOwnPages - 1, Buffer::kOwnPages, Buffer::kOwnPages + 1, 9 * kMiB}) {
    buffer.resize_capacity(capacity);
    EXPECT_EQ(buffer.capacity(), capacity);
    EXPECT_TRUE(whole(buffer.view())) << capacity;
    fill(buffer);
  }
  buffer.resize_capacity(12 * kMiB);
  buffer.resize_capacity(buffer.size());
  const Bytes content = buffer.take();
  EXPECT_EQ(content.size(), 9 * kMiB);
  EXPECT_TRUE(whole(content.view()));
  EXPECT_EQ(buffer.capacity(), 0u);
}

TEST(Buffer, IsReusableAfterItsContentWasTakenAndAfterAMove) {
  Buffer buffer(1);
  fill(buffer);
  buffer.resize_capacity(5 * kMiB);
  fill(buffer);
  Buffer moved = std::move(buffer);
  const Bytes first = moved.take();
  moved.resize_capacity(10);
  fill(moved);
  const Bytes second = moved.take();
  EXPECT_TRUE(whole(first.view()));
  EXPECT_EQ(second.size(), 10u);
  moved = Buffer(7);
  EXPECT_EQ(moved.capacity(), 7u);
  buffer.resize_capacity(10);  // NOLINT(bugprone-use-after-move): it is an empty one
  fill(buffer);
  EXPECT_TRUE(whole(buffer.take().view()));
}

// A size in bytes out of this process's status.
std::size_t status(const std::string& name) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name + ":")) return std::stoul(line.substr(name.size() + 1)) * 1024;
  }
  return 0;
}

TEST(Buffer, GrowingALargeOneTakesNoMemoryForASecondCopy) {
  Buffer buffer(1);
  fill(buffer);
  for (const std::size_t capacity : {3 * kMiB, 6 * kMiB, 48 * kMiB}) {
    buffer.resize_capacity(capacity);
    fill(buffer);
  }
  std::ofstream peak("/proc/self/clear_refs");
  ASSERT_TRUE(peak << 5 << std::flush) << "the peak begins anew";
  const std::size_t before = status("VmRSS");
  ASSERT_GT(status("VmHWM"), 48 * kMiB);
  buffer.resize_capacity(96 * kMiB);
  EXPECT_LT(status("VmHWM"), before + 16 * kMiB);
  EXPECT_TRUE(whole(buffer.view()));
}

TEST(Buffer, EmptyOneIsTakenAsNothing) {
  Buffer buffer;
  EXPECT_TRUE(buffer.take().empty());
  buffer.resize_capacity(100);
  buffer.resize_capacity(0);
  EXPECT_TRUE(buffer.take().empty());
}

}  // namespace
}  // namespace otlpipe::worker::compression
