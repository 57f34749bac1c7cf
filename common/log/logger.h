#pragma once

#include <atomic>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "common/base/result.h"
#include "common/time/clock.h"

namespace otlpipe {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

// "debug", "info", "warn", "error".
Result<LogLevel> parse_log_level(std::string_view text);
std::string_view to_string(LogLevel level);

// One named value of a record. Numbers and booleans stay such in JSON.
struct LogField {
  std::string key;
  std::string value;
  bool quoted = true;

  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(v) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(v) {}
  LogField(std::string_view k, bool v) : key(k), value(v ? "true" : "false"), quoted(false) {}
  template <typename T>
    requires std::is_arithmetic_v<T>
  LogField(std::string_view k, T v) : key(k), value(std::to_string(v)), quoted(false) {}
  LogField(std::string_view k, const Error& e) : key(k), value(e.to_string()) {}
};

using LogFields = std::initializer_list<LogField>;

// Where finished records go. Thread safe.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void write(LogLevel level, std::string_view component, std::string_view message,
                     const std::vector<LogField>& fields) = 0;
};

enum class LogFormat { kJson, kText };
// Reads OTLPIPE_LOG_FORMAT ("json" or "text"; empty means `fallback`).
Result<LogFormat> parse_log_format(std::string_view text, LogFormat fallback);

// Writes a line a record to a file descriptor that stays the caller's (2 is standard error).
std::shared_ptr<LogSink> make_fd_sink(int fd, LogFormat format, const Clock& clock);

// A cheap handle that is copied to whoever logs. Thread safe. All copies share the level, so that it can
// change while the process runs. A default-constructed Logger discards.
class Logger {
 public:
  Logger() = default;
  Logger(std::shared_ptr<LogSink> sink, LogLevel level);

  // The same sink and level under another component name ("receiver/otlp").
  Logger named(std::string_view component) const;
  void set_level(LogLevel level) const;
  bool enabled(LogLevel level) const;

  void debug(std::string_view message, LogFields fields = {}) const {
    log(LogLevel::kDebug, message, fields);
  }
  void info(std::string_view message, LogFields fields = {}) const { log(LogLevel::kInfo, message, fields); }
  void warn(std::string_view message, LogFields fields = {}) const { log(LogLevel::kWarn, message, fields); }
  void error(std::string_view message, LogFields fields = {}) const {
    log(LogLevel::kError, message, fields);
  }

 private:
  void log(LogLevel level, std::string_view message, LogFields fields) const;

  std::shared_ptr<LogSink> sink_;
  std::shared_ptr<std::atomic<LogLevel>> level_;
  std::string component_;
};

}  // namespace otlpipe
