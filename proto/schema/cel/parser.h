#pragma once

#include <memory>
#include <string_view>

#include "common/base/result.h"
#include "proto/schema/cel/ast.h"

namespace otlpipe::schema::cel {

// Parses an expression by the grammar of the CEL specification
// (https://github.com/google/cel-spec/blob/master/doc/langdef.md), without message construction and map
// literals. Nesting is bounded.
Result<std::unique_ptr<const Node>> parse(std::string_view text);

}  // namespace otlpipe::schema::cel
