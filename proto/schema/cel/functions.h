#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "common/base/result.h"
#include "proto/schema/cel/value.h"

namespace otlpipe::schema::cel {

// Whether there is such a function (or method, whose receiver counts as an argument).
bool knows_function(std::string_view name, std::size_t arguments, bool method);

// Calls it. Fails when an argument's type or value does not fit.
Result<Value> call_function(std::string_view name, std::span<const Value> arguments);

// Applies an operator that looks at both of its sides: comparisons, `in`, arithmetic.
Result<Value> apply_operator(std::string_view op, const Value& left, const Value& right);

}  // namespace otlpipe::schema::cel
