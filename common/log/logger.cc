#include "common/log/logger.h"

#include <array>
#include <cstdio>
#include <mutex>

#include <unistd.h>

#include "common/time/duration.h"

namespace otlpipe {
namespace {

constexpr std::array<std::string_view, 4> kLevelNames = {"debug", "info", "warn", "error"};

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          std::array<char, 8> escaped{};
          std::snprintf(escaped.data(), escaped.size(), "\\u%04x", static_cast<unsigned>(c));
          out += escaped.data();
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

class FdSink final : public LogSink {
 public:
  FdSink(int fd, LogFormat format, const Clock& clock) : fd_(fd), format_(format), clock_(clock) {}

  void write(LogLevel level, std::string_view component, std::string_view message,
             const std::vector<LogField>& fields) override {
    std::string line = format_ == LogFormat::kJson ? json(level, component, message, fields)
                                                   : text(level, component, message, fields);
    line += '\n';
    const std::lock_guard lock(mutex_);  // so that long lines of two threads do not mix
    std::string_view rest = line;
    while (!rest.empty()) {
      const ssize_t n = ::write(fd_, rest.data(), rest.size());
      if (n <= 0) return;  // nowhere left to say so
      rest.remove_prefix(static_cast<std::size_t>(n));
    }
  }

 private:
  std::string json(LogLevel level, std::string_view component, std::string_view message,
                   const std::vector<LogField>& fields) const {
    std::string out = "{\"time\":\"" + format_rfc3339_micro(clock_.wall_now()) + "\",\"level\":\"";
    out.append(to_string(level)).append("\",");
    if (!component.empty()) {
      out += "\"component\":";
      append_json_string(out, component);
      out += ',';
    }
    out += "\"msg\":";
    append_json_string(out, message);
    for (const LogField& field : fields) {
      out += ',';
      append_json_string(out, field.key);
      out += ':';
      if (field.quoted) {
        append_json_string(out, field.value);
      } else {
        out += field.value;
      }
    }
    return out + '}';
  }

  std::string text(LogLevel level, std::string_view component, std::string_view message,
                   const std::vector<LogField>& fields) const {
    std::string out = format_rfc3339_micro(clock_.wall_now()) + ' ';
    out.append(to_string(level)).append(" ");
    if (!component.empty()) out.append(component).append(": ");
    out.append(message);
    for (const LogField& field : fields) {
      out.append(" ").append(field.key).append("=");
      if (field.quoted && field.value.find_first_of(" \"\n\t=") != std::string::npos) {
        append_json_string(out, field.value);
      } else {
        out += field.value;
      }
    }
    return out;
  }

  const int fd_;
  const LogFormat format_;
  const Clock& clock_;
  std::mutex mutex_;
};

}  // namespace

Result<LogLevel> parse_log_level(std::string_view text) {
  for (std::size_t i = 0; i < kLevelNames.size(); ++i) {
    if (kLevelNames[i] == text) return static_cast<LogLevel>(i);
  }
  return fail(Code::kInvalidArgument,
              "\"" + std::string(text) + "\" is not a log level; allowed are debug, info, warn, error");
}

std::string_view to_string(LogLevel level) {
  return kLevelNames[static_cast<std::size_t>(level)];
}

Result<LogFormat> parse_log_format(std::string_view text, LogFormat fallback) {
  if (text.empty()) return fallback;
  if (text == "json") return LogFormat::kJson;
  if (text == "text") return LogFormat::kText;
  return fail(Code::kInvalidArgument,
              "\"" + std::string(text) + "\" is not a log format; allowed are json, text",
              "OTLPIPE_LOG_FORMAT");
}

std::shared_ptr<LogSink> make_fd_sink(int fd, LogFormat format, const Clock& clock) {
  return std::make_shared<FdSink>(fd, format, clock);
}

Logger::Logger(std::shared_ptr<LogSink> sink, LogLevel level)
    : sink_(std::move(sink)), level_(std::make_shared<std::atomic<LogLevel>>(level)) {}

Logger Logger::named(std::string_view component) const {
  Logger copy = *this;
  copy.component_ = component;
  return copy;
}

void Logger::set_level(LogLevel level) const {
  if (level_) level_->store(level, std::memory_order_relaxed);
}

bool Logger::enabled(LogLevel level) const {
  return sink_ && level >= level_->load(std::memory_order_relaxed);
}

void Logger::log(LogLevel level, std::string_view message, LogFields fields) const {
  if (enabled(level)) sink_->write(level, component_, message, std::vector<LogField>(fields));
}

}  // namespace otlpipe
