#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "proto/schema/cel/value.h"

namespace otlpipe::schema::cel {

struct Token {
  enum class Kind { kName, kLiteral, kSymbol, kEnd };
  Kind kind = Kind::kEnd;
  std::string text = {};  // a name or a symbol
  Value value = {};       // of a literal
  std::size_t at = 0;     // offset in the text
};

// Splits an expression into tokens; the last one is kEnd.
Result<std::vector<Token>> tokenize(std::string_view text);

}  // namespace otlpipe::schema::cel
