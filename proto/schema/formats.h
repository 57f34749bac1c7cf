#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "otlpipe/schema/v1/options.pb.h"

namespace otlpipe::schema {

// What a format is: one regular expression (RE2 and Go alike) for the whole text, which is checked here and
// stands in the CRD; its longest length; and what it says in words. Internal to proto/.
struct FormatRule {
  std::string_view pattern;  // without ^ and $; empty: none
  int max_length = 0;        // 0: none
  std::string_view hint;     // completes "must be …"
};
const FormatRule& format_rule(v1::Format format);
// Durations are a type of their own, not a Format.
const FormatRule& duration_rule();

// The pattern in full. With `or_reference`, text with a reference to the environment fits as well.
std::string anchored(std::string_view pattern, bool or_reference);

// Whether the whole text matches; compiled patterns are kept. Thread safe. An invalid pattern (a mistake in
// the schema) matches nothing.
bool matches_whole(std::string_view text, std::string_view pattern);

// Why `text` does not have the format, completing "PATH: ", or nothing.
std::optional<std::string> format_error(v1::Format format, std::string_view text);

}  // namespace otlpipe::schema
