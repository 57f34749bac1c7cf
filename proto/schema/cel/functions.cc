#include "proto/schema/cel/functions.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <re2/re2.h>

#include "common/time/duration.h"

namespace otlpipe::schema::cel {
namespace {

using std::chrono::nanoseconds;

struct Function {
  std::string_view name;
  std::size_t arguments;
  bool method;
};
constexpr std::array<Function, 15> kFunctions = {{{"size", 1, false},
                                                  {"size", 1, true},
                                                  {"string", 1, false},
                                                  {"int", 1, false},
                                                  {"double", 1, false},
                                                  {"duration", 1, false},
                                                  {"quantity", 1, false},
                                                  {"isQuantity", 1, false},
                                                  {"startsWith", 2, true},
                                                  {"endsWith", 2, true},
                                                  {"contains", 2, true},
                                                  {"matches", 2, true},
                                                  {"compareTo", 2, true},
                                                  {"isGreaterThan", 2, true},
                                                  {"isLessThan", 2, true}}};

tl::unexpected<Error> no_overload(std::string_view name) {
  return fail(Code::kInvalidArgument, "no such overload of " + std::string(name));
}

Result<Value> size_of(const Value& value) {
  if (const auto* text = value.as<std::string>()) {
    // Code points, not bytes.
    return Value{static_cast<std::int64_t>(std::count_if(
        text->begin(), text->end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }))};
  }
  if (const List* list = value.as_list()) return Value{static_cast<std::int64_t>(list->size())};
  if (const Map* map = value.as_map()) return Value{static_cast<std::int64_t>(map->size())};
  return no_overload("size");
}

Result<Value> to_text(const Value& value) {
  if (value.as<std::string>()) return value;
  if (const auto* number = value.as<std::int64_t>()) return Value{std::to_string(*number)};
  if (const auto* flag = value.as<bool>()) return Value{std::string(*flag ? "true" : "false")};
  if (const auto* real = value.as<double>()) {
    std::array<char, 32> buffer{};
    const auto done = std::to_chars(buffer.data(), buffer.data() + buffer.size(), *real);
    return Value{std::string(buffer.data(), done.ptr)};
  }
  if (const auto* span = value.as<nanoseconds>()) return Value{format_duration(*span)};
  return no_overload("string");
}

Result<Value> to_int(const Value& value) {
  if (value.as<std::int64_t>()) return value;
  if (const auto* real = value.as<double>(); real && *real >= -9.2e18 && *real <= 9.2e18) {
    return Value{static_cast<std::int64_t>(*real)};
  }
  if (const auto* text = value.as<std::string>()) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error == std::errc() && end == text->data() + text->size()) return Value{number};
  }
  return no_overload("int");
}

Result<Value> from_text(std::string_view name, const Value& value) {
  const auto* text = value.as<std::string>();
  if (!text) return no_overload(name);
  if (name == "duration") {
    const auto span = parse_duration(*text);
    if (!span) return tl::unexpected(span.error());
    return Value{*span};
  }
  const auto quantity = Quantity::parse(*text);
  if (name == "isQuantity") return Value{quantity.has_value()};
  if (!quantity) return tl::unexpected(quantity.error());
  return Value{*quantity};
}

Result<Value> text_method(std::string_view name, const std::string& text, const std::string& argument) {
  if (name == "startsWith") return Value{text.starts_with(argument)};
  if (name == "endsWith") return Value{text.ends_with(argument)};
  if (name == "contains") return Value{text.find(argument) != std::string::npos};
  RE2::Options quiet;
  quiet.set_log_errors(false);
  const RE2 pattern(argument, quiet);
  if (!pattern.ok()) return fail(Code::kInvalidArgument, "not a regular expression: " + pattern.error());
  return Value{RE2::PartialMatch(text, pattern)};
}

Result<Value> ordered(std::string_view op, std::partial_ordering order) {
  if (op == "<") return Value{order < 0};
  if (op == "<=") return Value{order <= 0};
  if (op == ">") return Value{order > 0};
  return Value{order >= 0};
}

Result<Value> compare(std::string_view op, const Value& left, const Value& right) {
  const auto number = [](const Value& v) -> const double* { return v.as<double>(); };
  if (number(left) || number(right)) {
    const auto* a = left.as<std::int64_t>();
    const auto* b = right.as<std::int64_t>();
    if ((!a && !number(left)) || (!b && !number(right))) return no_overload(op);
    return ordered(
        op, (a ? static_cast<double>(*a) : *number(left)) <=> (b ? static_cast<double>(*b) : *number(right)));
  }
  if (left.data.index() != right.data.index()) return no_overload(op);
  if (const auto* a = left.as<std::int64_t>()) return ordered(op, *a <=> *right.as<std::int64_t>());
  if (const auto* a = left.as<std::string>()) return ordered(op, *a <=> *right.as<std::string>());
  if (const auto* a = left.as<nanoseconds>()) return ordered(op, *a <=> *right.as<nanoseconds>());
  if (const auto* a = left.as<bool>()) return ordered(op, *a <=> *right.as<bool>());
  return no_overload(op);
}

Result<Value> contained(const Value& left, const Value& right) {
  if (const List* list = right.as_list()) {
    return Value{
        std::any_of(list->begin(), list->end(), [&](const Value& item) { return equal(left, item); })};
  }
  const Map* map = right.as_map();
  const auto* key = left.as<std::string>();
  if (map && key) return Value{map->contains(*key)};
  return no_overload("in");
}

Result<Value> whole_arithmetic(std::string_view op, std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  bool overflow = false;
  if (op == "+") {
    overflow = __builtin_add_overflow(a, b, &out);
  } else if (op == "-") {
    overflow = __builtin_sub_overflow(a, b, &out);
  } else if (op == "*") {
    overflow = __builtin_mul_overflow(a, b, &out);
  } else {
    if (b == 0) return fail(Code::kInvalidArgument, "division by zero");
    overflow = b == -1 && a == INT64_MIN;
    if (!overflow) out = op == "/" ? a / b : a % b;
  }
  if (overflow) return fail(Code::kOutOfRange, "integer overflow");
  return Value{out};
}

Result<Value> arithmetic(std::string_view op, const Value& left, const Value& right) {
  if (left.data.index() != right.data.index()) return no_overload(op);
  if (const auto* a = left.as<std::int64_t>()) return whole_arithmetic(op, *a, *right.as<std::int64_t>());
  if (const auto* a = left.as<double>(); a && op != "%") {
    const double b = *right.as<double>();
    return Value{op == "+" ? *a + b : op == "-" ? *a - b : op == "*" ? *a * b : *a / b};
  }
  if (const auto* a = left.as<nanoseconds>(); a && (op == "+" || op == "-")) {
    auto sum = whole_arithmetic(op, a->count(), right.as<nanoseconds>()->count());
    if (!sum) return sum;
    return Value{nanoseconds(*sum->as<std::int64_t>())};
  }
  if (op != "+") return no_overload(op);
  if (const auto* a = left.as<std::string>()) return Value{*a + *right.as<std::string>()};
  if (const List* a = left.as_list()) {
    List both = *a;
    both.insert(both.end(), right.as_list()->begin(), right.as_list()->end());
    return Value::list(std::move(both));
  }
  return no_overload(op);
}

}  // namespace

bool knows_function(std::string_view name, std::size_t arguments, bool method) {
  return std::any_of(kFunctions.begin(), kFunctions.end(), [&](const Function& f) {
    return f.name == name && f.arguments == arguments && f.method == method;
  });
}

Result<Value> call_function(std::string_view name, std::span<const Value> arguments) {
  const Value& first = arguments[0];
  if (name == "size") return size_of(first);
  if (name == "string") return to_text(first);
  if (name == "int") return to_int(first);
  if (name == "double") {
    if (const auto* whole = first.as<std::int64_t>()) return Value{static_cast<double>(*whole)};
    if (first.as<double>()) return first;
    return no_overload(name);
  }
  if (arguments.size() == 1) return from_text(name, first);
  if (const auto* a = first.as<Quantity>()) {
    const auto* b = arguments[1].as<Quantity>();
    if (!b) return no_overload(name);
    if (name == "isGreaterThan") return Value{*a > *b};
    if (name == "isLessThan") return Value{*a < *b};
    if (name == "compareTo") return Value{std::int64_t{*a < *b ? -1 : *a > *b ? 1 : 0}};
    return no_overload(name);
  }
  const auto* text = first.as<std::string>();
  const auto* argument = arguments[1].as<std::string>();
  if (!text || !argument || name == "compareTo" || name == "isGreaterThan" || name == "isLessThan")
    return no_overload(name);
  return text_method(name, *text, *argument);
}

Result<Value> apply_operator(std::string_view op, const Value& left, const Value& right) {
  if (op == "==") return Value{equal(left, right)};
  if (op == "!=") return Value{!equal(left, right)};
  if (op == "in") return contained(left, right);
  if (op == "<" || op == "<=" || op == ">" || op == ">=") return compare(op, left, right);
  return arithmetic(op, left, right);
}

}  // namespace otlpipe::schema::cel
