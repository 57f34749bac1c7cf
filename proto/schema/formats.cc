#include "proto/schema/formats.h"

#include <map>
#include <memory>
#include <mutex>

#include <re2/re2.h>

#include "common/time/duration.h"

namespace otlpipe::schema {
namespace {

#define OTLPIPE_HOST R"((?:[0-9A-Za-z](?:[-0-9A-Za-z._]*[0-9A-Za-z])?|\[[0-9A-Fa-f:.]+\]))"
#define OTLPIPE_PORT \
  R"((?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))"
constexpr std::string_view kReference = R"(.*\$\{env:[A-Za-z_][0-9A-Za-z_]*(?::-[^}]*)?\}.*)";

constexpr FormatRule kNone = {"", 0, ""};
constexpr FormatRule kQuantity = {R"([0-9]+(?:\.[0-9]{1,9})?(?:[KMGTPE]i|[kMGTPE])?)", 32,
                                  "a number of bytes such as 64Mi, 1.5Gi or 1000000"};
constexpr FormatRule kResourceQuantity = {
    R"([0-9]+(?:\.[0-9]{1,9})?(?:[KMGTPE]i|[numkMGTPE]|[eE][-+]?[0-9]{1,2})?)", 32,
    "a quantity such as 100m, 0.5, 256Mi or 1Gi"};
constexpr FormatRule kLabelName = {
    "[a-z0-9](?:[-a-z0-9]*[a-z0-9])?", 63,
    "lower-case letters, digits and '-', with a letter or digit at both ends, 63 at most"};
constexpr FormatRule kSubdomain = {
    "[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?", 253,
    "lower-case letters, digits, '-' and '.', with a letter or digit at both ends, 253 at most"};
constexpr FormatRule kEndpoint = {OTLPIPE_HOST ":" OTLPIPE_PORT, 512,
                                  "HOST:PORT such as collector.example:4317, without a scheme"};
constexpr FormatRule kUrl = {"https?://" OTLPIPE_HOST "(?::" OTLPIPE_PORT R"()?(?:/[^\s?#]*)?)", 1024,
                             "a URL such as http://collector.example:4318"};
constexpr FormatRule kCountOrPercent = {"[0-9]{1,6}|(?:100|[0-9]{1,2})%", 8,
                                        "a number such as 1 or a percentage such as 25%"};
constexpr FormatRule kAbsolutePath = {"/.*", 4096, "an absolute path such as /var/lib/otlpipe"};
constexpr FormatRule kDateTime = {"", 64, "a time such as 2026-01-02T03:04:05Z"};
constexpr FormatRule kDuration = {R"(0|(?:[0-9]+(?:\.[0-9]+)?(?:ns|us|µs|ms|s|m|h))+)", 64,
                                  "a duration such as 100ms, 1m30s or 0s"};

}  // namespace

const FormatRule& format_rule(v1::Format format) {
  switch (format) {
    case v1::FORMAT_QUANTITY:
      return kQuantity;
    case v1::FORMAT_RESOURCE_QUANTITY:
      return kResourceQuantity;
    case v1::FORMAT_LABEL_NAME:
      return kLabelName;
    case v1::FORMAT_SUBDOMAIN_NAME:
      return kSubdomain;
    case v1::FORMAT_ENDPOINT:
      return kEndpoint;
    case v1::FORMAT_URL:
      return kUrl;
    case v1::FORMAT_COUNT_OR_PERCENT:
      return kCountOrPercent;
    case v1::FORMAT_ABSOLUTE_PATH:
      return kAbsolutePath;
    case v1::FORMAT_DATE_TIME:
      return kDateTime;
    default:
      return kNone;
  }
}

const FormatRule& duration_rule() {
  return kDuration;
}

std::string anchored(std::string_view pattern, bool or_reference) {
  std::string out = "^(?:" + std::string(pattern);
  if (or_reference) out.append("|").append(kReference);
  return out + ")$";
}

bool matches_whole(std::string_view text, std::string_view pattern) {
  static std::mutex mutex;
  static std::map<std::string, std::unique_ptr<const RE2>, std::less<>>
      compiled;  // as many as the schema has patterns
  const RE2* found = nullptr;
  {
    const std::lock_guard lock(mutex);
    auto at = compiled.find(pattern);
    if (at == compiled.end()) {
      at = compiled
               .emplace(std::string(pattern), std::make_unique<const RE2>(std::string(pattern), RE2::Quiet))
               .first;
    }
    found = at->second.get();
  }
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *found);
}

std::optional<std::string> format_error(v1::Format format, std::string_view text) {
  const FormatRule& rule = format_rule(format);
  const bool fits = format == v1::FORMAT_DATE_TIME
                        ? parse_rfc3339(text).has_value()
                        : rule.pattern.empty() || matches_whole(text, rule.pattern);
  if (fits && (rule.max_length == 0 || text.size() <= static_cast<std::size_t>(rule.max_length)))
    return std::nullopt;
  return "'" + std::string(text.substr(0, 80)) + "' is not allowed, must be " + std::string(rule.hint);
}

}  // namespace otlpipe::schema
