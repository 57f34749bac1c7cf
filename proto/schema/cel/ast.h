#pragma once

#include <memory>
#include <string>
#include <vector>

#include "proto/schema/cel/value.h"

namespace otlpipe::schema::cel {

enum class Kind {
  kLiteral,  // value
  kName,     // text
  kSelect,   // args[0].text
  kHas,      // has(args[0].text)
  kIndex,    // args[0][args[1]]
  kList,     // [args…]
  kUnary,    // text is "!" or "-"
  kBinary,   // text is the operator
  kTernary,  // args[0] ? args[1] : args[2]
  kCall,     // text(args…); a method's receiver is args[0]
  kMacro,    // args[0].text(variable, args[1])
};

// A node of an expression.
struct Node {
  Kind kind = Kind::kLiteral;
  std::string text = {};
  std::string variable = {};
  Value value = {};
  std::vector<std::unique_ptr<Node>> args = {};
};

}  // namespace otlpipe::schema::cel
