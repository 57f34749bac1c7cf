#include "proto/schema/cel/expression.h"

#include <utility>

#include "proto/schema/cel/ast.h"
#include "proto/schema/cel/functions.h"
#include "proto/schema/cel/parser.h"

namespace otlpipe::schema::cel {
namespace {

// Nodes that one evaluation may visit. The schema's bounds keep rules far below; this is for rules that
// forget theirs.
constexpr int kMaxSteps = 1'000'000;

class Evaluator {
 public:
  explicit Evaluator(const Value& self) { scope_.emplace_back("self", self); }

  Result<Value> run(const Node& node) {
    if (--steps_ < 0) return fail(Code::kResourceExhausted, "the rule takes too long");
    switch (node.kind) {
      case Kind::kLiteral:
        return node.value;
      case Kind::kName:
        return lookup(node.text);
      case Kind::kSelect:
        return select(node);
      case Kind::kHas:
        return has(node);
      case Kind::kIndex:
        return index(node);
      case Kind::kList:
        return list(node);
      case Kind::kUnary:
        return unary(node);
      case Kind::kBinary:
        return binary(node);
      case Kind::kTernary:
        return ternary(node);
      case Kind::kCall:
        return call(node);
      case Kind::kMacro:
        return macro(node);
    }
    return fail(Code::kInternal, "an unknown kind of expression");
  }

 private:
  Result<Value> lookup(const std::string& name) const {
    for (auto at = scope_.rbegin(); at != scope_.rend(); ++at) {
      if (at->first == name) return at->second;
    }
    return fail(Code::kInvalidArgument, "no such name: " + name);
  }

  Result<Value> select(const Node& node) {
    const auto target = run(*node.args[0]);
    if (!target) return target;
    const Map* map = target->as_map();
    if (!map)
      return fail(Code::kInvalidArgument,
                  "no field " + node.text + " in a " + std::string(target->type_name()));
    const auto found = map->find(node.text);
    if (found == map->end()) return fail(Code::kNotFound, "no such field: " + node.text);
    return found->second;
  }

  Result<Value> has(const Node& node) {
    const auto target = run(*node.args[0]);
    if (!target) return target;
    const Map* map = target->as_map();
    if (!map)
      return fail(Code::kInvalidArgument,
                  "no field " + node.text + " in a " + std::string(target->type_name()));
    return Value{map->contains(node.text)};
  }

  Result<Value> index(const Node& node) {
    const auto target = run(*node.args[0]);
    if (!target) return target;
    const auto key = run(*node.args[1]);
    if (!key) return key;
    const List* list = target->as_list();
    if (const auto* at = key->as<std::int64_t>(); at && list) {
      if (*at >= 0 && *at < static_cast<std::int64_t>(list->size()))
        return (*list)[static_cast<std::size_t>(*at)];
      return fail(Code::kOutOfRange, "index out of bounds");
    }
    const Map* map = target->as_map();
    if (const auto* name = key->as<std::string>(); name && map) {
      const auto found = map->find(*name);
      if (found != map->end()) return found->second;
      return fail(Code::kNotFound, "no such key: " + *name);
    }
    return fail(Code::kInvalidArgument, "no such overload of []");
  }

  Result<Value> list(const Node& node) {
    List items;
    for (const auto& arg : node.args) {
      auto item = run(*arg);
      if (!item) return item;
      items.push_back(std::move(*item));
    }
    return Value::list(std::move(items));
  }

  Result<Value> unary(const Node& node) {
    const auto operand = run(*node.args[0]);
    if (!operand) return operand;
    if (node.text == "!") {
      if (const auto* flag = operand->as<bool>()) return Value{!*flag};
    } else if (const auto* whole = operand->as<std::int64_t>()) {
      return apply_operator("-", Value{std::int64_t{0}}, Value{*whole});
    } else if (const auto* real = operand->as<double>()) {
      return Value{-*real};
    }
    return fail(Code::kInvalidArgument, "no such overload of " + node.text);
  }

  Result<Value> binary(const Node& node) {
    if (node.text == "&&" || node.text == "||") return logical(node);
    const auto left = run(*node.args[0]);
    if (!left) return left;
    const auto right = run(*node.args[1]);
    if (!right) return right;
    return apply_operator(node.text, *left, *right);
  }

  // One side that decides forgives an error on the other side, whichever comes first.
  Result<Value> logical(const Node& node) {
    const bool decides = node.text == "||";
    auto left = truth(*node.args[0]);
    if (left && *left == decides) return Value{decides};
    auto right = truth(*node.args[1]);
    if (right && *right == decides) return Value{decides};
    if (!left) return tl::unexpected(left.error());
    if (!right) return tl::unexpected(right.error());
    return Value{!decides};
  }

  Result<bool> truth(const Node& node) {
    const auto value = run(node);
    if (!value) return tl::unexpected(value.error());
    if (const auto* flag = value->as<bool>()) return *flag;
    return fail(Code::kInvalidArgument,
                "a " + std::string(value->type_name()) + " where true or false belongs");
  }

  Result<Value> ternary(const Node& node) {
    const auto condition = truth(*node.args[0]);
    if (!condition) return tl::unexpected(condition.error());
    return run(*node.args[*condition ? 1 : 2]);
  }

  Result<Value> call(const Node& node) {
    std::vector<Value> arguments;
    for (const auto& arg : node.args) {
      auto value = run(*arg);
      if (!value) return value;
      arguments.push_back(std::move(*value));
    }
    return call_function(node.text, arguments);
  }

  Result<Value> macro(const Node& node) {
    const auto target = run(*node.args[0]);
    if (!target) return target;
    List items;
    if (const List* list = target->as_list()) {
      items = *list;
    } else if (const Map* map = target->as_map()) {
      for (const auto& [key, value] : *map) items.push_back(Value{key});
    } else {
      return fail(Code::kInvalidArgument, "no such overload of " + node.text);
    }
    if (node.text == "map" || node.text == "filter") return collect(node, items);
    return quantify(node, items);
  }

  Result<Value> with(const Node& node, const Value& item) {
    scope_.emplace_back(node.variable, item);
    auto value = run(*node.args[1]);
    scope_.pop_back();
    return value;
  }

  Result<Value> collect(const Node& node, const List& items) {
    List out;
    for (const Value& item : items) {
      auto value = with(node, item);
      if (!value) return value;
      if (node.text == "map") {
        out.push_back(std::move(*value));
      } else if (const auto* keep = value->as<bool>()) {
        if (*keep) out.push_back(item);
      } else {
        return fail(Code::kInvalidArgument, "the condition of filter is not true or false");
      }
    }
    return Value::list(std::move(out));
  }

  Result<Value> quantify(const Node& node, const List& items) {
    int hits = 0;
    Status failed = {};
    for (const Value& item : items) {
      const auto value = with(node, item);
      const bool* flag = value ? value->as<bool>() : nullptr;
      if (!flag) {
        if (failed)
          failed = fail(value ? Error{Code::kInvalidArgument, "the condition is not true or false"}
                              : value.error());
        continue;
      }
      if (*flag) ++hits;
      if (node.text == "all" && !*flag) return Value{false};
      if (node.text == "exists" && *flag) return Value{true};
    }
    if (!failed) return tl::unexpected(failed.error());
    return Value{node.text == "all" || (node.text == "exists_one" && hits == 1)};
  }

  std::vector<std::pair<std::string, Value>> scope_;
  int steps_ = kMaxSteps;
};

}  // namespace

Expression::Expression(std::unique_ptr<const Node> root) : root_(std::move(root)) {}
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;
Expression::~Expression() = default;

Result<Expression> Expression::compile(std::string_view text) {
  auto root = parse(text);
  if (!root) return tl::unexpected(root.error());
  return Expression(std::move(*root));
}

Result<Value> Expression::evaluate(const Value& self) const {
  return Evaluator(self).run(*root_);
}

}  // namespace otlpipe::schema::cel
