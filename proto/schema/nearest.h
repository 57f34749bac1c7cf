#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace otlpipe::schema {

// The one of `words` that `word` was most likely meant to be, or "" when none is near. Internal to proto/.
std::string nearest(std::string_view word, const std::vector<std::string>& words);

}  // namespace otlpipe::schema
