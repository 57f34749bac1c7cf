#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/doc/document.h"

namespace otlpipe::doc {

// Bounds of what is read; what exceeds them is an error, whatever it would have meant.
inline constexpr std::size_t kMaxTextBytes = 8U << 20;
inline constexpr int kMaxDepth = 100;
// What aliases may add to a file: one for each value and one for each byte of text that they repeat.
inline constexpr std::size_t kMaxAliasCost = 1U << 20;

// Reads all documents of a YAML text (JSON is YAML). Empty documents are left out. `name` is the file's name
// in errors; an Error's `where` is "NAME:LINE:COL". Pure and thread safe.
Result<std::vector<Document>> parse_yaml(std::string_view text, std::string_view name);

// Reads exactly one JSON value. Errors as above.
Result<Document> parse_json(std::string_view text, std::string_view name);

}  // namespace otlpipe::doc
