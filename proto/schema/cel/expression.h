#pragma once

#include <memory>
#include <string_view>

#include "common/base/result.h"
#include "proto/schema/cel/value.h"

namespace otlpipe::schema::cel {

struct Node;

// A compiled expression. Immutable; safe to evaluate from any thread.
class Expression {
 public:
  Expression(Expression&&) noexcept;
  Expression& operator=(Expression&&) noexcept;
  ~Expression();

  // Fails when the text is malformed or uses what this evaluator does not know.
  static Result<Expression> compile(std::string_view text);

  // The value with `self` bound to `self`. Fails on what CEL calls an error: a field that is not there, a
  // type that does not fit, and when the work exceeds a fixed bound.
  Result<Value> evaluate(const Value& self) const;

 private:
  explicit Expression(std::unique_ptr<const Node> root);
  std::unique_ptr<const Node> root_;
};

}  // namespace otlpipe::schema::cel
