#pragma once

#include <string>
#include <string_view>

namespace otlpipe::api {

// At most `max` bytes of `text`, with "…" where something is missing, and never a broken UTF-8 sequence
// (which could not be written as JSON).
std::string cut(std::string_view text, std::size_t max);

}  // namespace otlpipe::api
