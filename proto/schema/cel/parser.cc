#include "proto/schema/cel/parser.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "proto/schema/cel/functions.h"
#include "proto/schema/cel/lexer.h"

namespace otlpipe::schema::cel {
namespace {

using Pointer = std::unique_ptr<Node>;
using Parsed = Result<Pointer>;

constexpr int kMaxDepth = 64;
constexpr std::array<std::string_view, 5> kMacros = {"all", "exists", "exists_one", "filter", "map"};

template <typename... Args>
Pointer make(Kind kind, std::string text, Args... args) {
  auto node = std::make_unique<Node>();
  node->kind = kind;
  node->text = std::move(text);
  (node->args.push_back(std::move(args)), ...);
  return node;
}

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  Parsed whole() {
    auto root = ternary();
    if (root && tokens_[at_].kind != Token::Kind::kEnd) return refuse("something unexpected");
    return root;
  }

 private:
  bool is(std::string_view symbol) const {
    return tokens_[at_].kind == Token::Kind::kSymbol && tokens_[at_].text == symbol;
  }
  bool take(std::string_view symbol) {
    if (!is(symbol)) return false;
    ++at_;
    return true;
  }
  tl::unexpected<Error> refuse(const std::string& what) const {
    return fail(Code::kInvalidArgument, what + " at offset " + std::to_string(tokens_[at_].at));
  }

  Parsed ternary() {
    if (++depth_ > kMaxDepth) return refuse("nesting that is too deep");
    auto condition = binary(0);
    if (condition && take("?")) {
      auto yes = ternary();
      if (!yes) return yes;
      if (!take(":")) return refuse("no ':' of a '?'");
      auto no = ternary();
      if (!no) return no;
      condition = make(Kind::kTernary, "?:", std::move(*condition), std::move(*yes), std::move(*no));
    }
    --depth_;
    return condition;
  }

  // The operators of one level of precedence, weakest first; below the last one are the unary operators.
  std::string_view operator_of(int level) const {
    static const std::array<std::initializer_list<std::string_view>, 5> kLevels = {
        {{"||"}, {"&&"}, {"==", "!=", "<=", ">=", "<", ">"}, {"+", "-"}, {"*", "/", "%"}}};
    for (const std::string_view op : kLevels.at(static_cast<std::size_t>(level))) {
      if (is(op)) return op;
    }
    if (level == 2 && tokens_[at_].kind == Token::Kind::kName && tokens_[at_].text == "in") return "in";
    return {};
  }

  Parsed binary(int level) {
    if (level == 5) return unary();
    auto left = binary(level + 1);
    while (left) {
      const std::string op(operator_of(level));
      if (op.empty()) break;
      ++at_;
      auto right = binary(level + 1);
      if (!right) return right;
      left = make(Kind::kBinary, op, std::move(*left), std::move(*right));
    }
    return left;
  }

  Parsed unary() {
    for (const std::string_view op : {"!", "-"}) {
      if (!take(op)) continue;
      if (++depth_ > kMaxDepth) return refuse("nesting that is too deep");
      auto operand = unary();
      --depth_;
      if (operand) return make(Kind::kUnary, std::string(op), std::move(*operand));
      return operand;
    }
    auto node = primary();
    while (node) {
      if (take(".")) {
        node = member(std::move(*node));
      } else if (take("[")) {
        auto index = ternary();
        if (!index) return index;
        if (!take("]")) return refuse("no ']'");
        node = make(Kind::kIndex, "[]", std::move(*node), std::move(*index));
      } else {
        break;
      }
    }
    return node;
  }

  Parsed member(Pointer target) {
    if (tokens_[at_].kind != Token::Kind::kName) return refuse("no name behind '.'");
    const std::string name = tokens_[at_++].text;
    if (!take("(")) return make(Kind::kSelect, name, std::move(target));
    if (std::find(kMacros.begin(), kMacros.end(), name) != kMacros.end())
      return macro(name, std::move(target));
    return call(name, std::move(target));
  }

  Parsed macro(const std::string& name, Pointer target) {
    if (tokens_[at_].kind != Token::Kind::kName) return refuse("no variable of " + name);
    const std::string variable = tokens_[at_++].text;
    if (!take(",")) return refuse("no ',' behind the variable of " + name);
    auto body = ternary();
    if (!body) return body;
    if (!take(")")) return refuse("no ')'");
    auto node = make(Kind::kMacro, name, std::move(target), std::move(*body));
    node->variable = variable;
    return node;
  }

  Parsed call(const std::string& name, Pointer target) {
    const bool method = target != nullptr;
    auto node = make(Kind::kCall, name);
    if (method) node->args.push_back(std::move(target));
    if (auto done = list_until(")", node->args); !done) return tl::unexpected(done.error());
    if (!knows_function(name, node->args.size(), method))
      return refuse("a function that is not known: " + name);
    return node;
  }

  Status list_until(std::string_view close, std::vector<Pointer>& items) {
    if (take(close)) return {};
    while (true) {
      auto item = ternary();
      if (!item) return tl::unexpected(item.error());
      items.push_back(std::move(*item));
      if (take(close)) return {};
      if (!take(",")) return refuse("no '" + std::string(close) + "'");
    }
  }

  Parsed has() {
    auto inner = ternary();
    if (!inner) return inner;
    if (!take(")")) return refuse("no ')'");
    if ((*inner)->kind != Kind::kSelect) return refuse("has() asks for a field");
    (*inner)->kind = Kind::kHas;
    return inner;
  }

  Parsed primary() {
    const Token& token = tokens_[at_];
    if (token.kind == Token::Kind::kLiteral) {
      auto node = make(Kind::kLiteral, "");
      node->value = token.value;
      ++at_;
      return node;
    }
    if (token.kind == Token::Kind::kName) {
      ++at_;
      if (!take("(")) return make(Kind::kName, token.text);
      return token.text == "has" ? has() : call(token.text, nullptr);
    }
    if (take("(")) {
      auto inner = ternary();
      if (inner && !take(")")) return refuse("no ')'");
      return inner;
    }
    if (take("[")) {
      auto node = make(Kind::kList, "");
      if (auto done = list_until("]", node->args); !done) return tl::unexpected(done.error());
      return node;
    }
    return refuse("no value");
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Result<std::unique_ptr<const Node>> parse(std::string_view text) {
  auto tokens = tokenize(text);
  if (!tokens) return tl::unexpected(tokens.error());
  auto root = Parser(std::move(*tokens)).whole();
  if (!root) return tl::unexpected(root.error());
  return std::unique_ptr<const Node>(std::move(*root));
}

}  // namespace otlpipe::schema::cel
