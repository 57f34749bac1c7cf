#include "common/log/logger.h"

#include <array>

#include <gtest/gtest.h>
#include <unistd.h>

namespace otlpipe {
namespace {

class StoppedClock final : public Clock {
 public:
  MonotonicTime now() const override { return {}; }
  WallTime wall_now() const override { return WallTime(std::chrono::seconds(1'700'000'000)); }
};

// Writes through a pipe and reads what came out.
class LoggerTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(pipe(fds_.data()), 0); }
  void TearDown() override {
    close(fds_[0]);
    if (fds_[1] >= 0) close(fds_[1]);
  }
  Logger logger(LogFormat format, LogLevel level = LogLevel::kInfo) {
    return Logger(make_fd_sink(fds_[1], format, clock_), level);
  }
  std::string written() {
    close(fds_[1]);
    fds_[1] = -1;
    std::string out;
    std::array<char, 4096> buffer{};
    for (ssize_t n = 0; (n = read(fds_[0], buffer.data(), buffer.size())) > 0;)
      out.append(buffer.data(), static_cast<std::size_t>(n));
    return out;
  }

  StoppedClock clock_;
  std::array<int, 2> fds_{};
};

TEST_F(LoggerTest, JsonRecordIsOneLineWithTypedFieldsAndEscapedText) {
  logger(LogFormat::kJson)
      .named("receiver/otlp")
      .info("said \"hi\"\n", {{"n", 3}, {"ok", true}, {"who", "a\tb\x01"}});
  EXPECT_EQ(written(),
            "{\"time\":\"2023-11-14T22:13:20.000000Z\",\"level\":\"info\",\"component\":\"receiver/otlp\","
            "\"msg\":\"said \\\"hi\\\"\\n\",\"n\":3,\"ok\":true,\"who\":\"a\\tb\\u0001\"}\n");
}

TEST_F(LoggerTest, TextRecordQuotesOnlyWhatNeedsIt) {
  logger(LogFormat::kText).warn("slow", {{"peer", "a b"}, {"ms", 7}, {"path", "/v1/traces"}});
  EXPECT_EQ(written(), "2023-11-14T22:13:20.000000Z warn slow peer=\"a b\" ms=7 path=/v1/traces\n");
}

TEST_F(LoggerTest, LevelChangeReachesEveryCopy) {
  const Logger root = logger(LogFormat::kText);
  const Logger child = root.named("x");
  child.debug("hidden");
  root.set_level(LogLevel::kDebug);
  child.debug("shown");
  const std::string out = written();
  EXPECT_EQ(out.find("hidden"), std::string::npos);
  EXPECT_NE(out.find("shown"), std::string::npos);
}

TEST(Logger, DefaultConstructedDiscards) {
  const Logger none;
  none.set_level(LogLevel::kDebug);
  none.error("nowhere");
  EXPECT_FALSE(none.enabled(LogLevel::kError));
}

TEST(LogLevel, UnknownWordsSayWhatIsAllowed) {
  EXPECT_EQ(parse_log_level("warn").value(), LogLevel::kWarn);
  ASSERT_FALSE(parse_log_level("WARNING"));
  EXPECT_NE(parse_log_level("WARNING").error().message.find("debug, info, warn, error"), std::string::npos);
  EXPECT_EQ(parse_log_format("", LogFormat::kText).value(), LogFormat::kText);
  EXPECT_EQ(parse_log_format("xml", LogFormat::kText).error().where, "OTLPIPE_LOG_FORMAT");
}

}  // namespace
}  // namespace otlpipe
