#include <gtest/gtest.h>

#include "proto/schema/cel/expression.h"

namespace otlpipe::schema::cel {
namespace {

Value self() {
  using namespace std::chrono_literals;
  return Value::map(
      {{"n", Value{std::int64_t{5}}},
       {"r", Value{2.5}},
       {"t", Value{std::string("text")}},
       {"span", Value{std::chrono::nanoseconds(1500ms)}},
       {"list", Value::list({Value{std::int64_t{1}}, Value{std::int64_t{2}}, Value{std::int64_t{3}}})},
       {"empty", Value::list({})},
       {"map", Value::map({{"a", Value{std::string("x")}}, {"b", Value{std::string("y")}}})}});
}

// "true", "false", or the error.
std::string run(const std::string& text) {
  const auto expression = Expression::compile(text);
  if (!expression) return "compile: " + expression.error().message;
  const auto value = expression->evaluate(self());
  if (!value) return "error: " + value.error().message;
  const bool* flag = value->as<bool>();
  return !flag ? "a " + std::string(value->type_name()) : *flag ? "true" : "false";
}

class Holds : public testing::TestWithParam<const char*> {};
TEST_P(Holds, IsTrue) {
  EXPECT_EQ(run(GetParam()), "true");
}

INSTANTIATE_TEST_SUITE_P(
    Language, Holds,
    testing::Values(
        "self.n == 5", "self.n != 4", "self.n < 6 && self.n <= 5", "self.n > 4 && self.n >= 5",
        "self.n == 5.0", "self.n > 4.5", "1 + 2 * 3 == 7", "(1 + 2) * 3 == 9", "7 / 2 == 3 && 7 % 2 == 1",
        "-self.n == 0 - 5", "2.0 * 1.5 == 3.0", "'a' + \"b\" == 'ab'", "'it\\'s' == \"it's\"", "'a' < 'b'",
        "self.t.size() == 4", "size(self.list) == 3", "'é'.size() == 1", "has(self.n) && !has(self.nothing)",
        "2 in self.list", "!(9 in self.list)", "'a' in self.map", "self.list[1] == 2", "self.map['b'] == 'y'",
        "self.map.a == 'x'", "[1, 2] + [3] == self.list", "self.list.all(x, x > 0)",
        "self.list.exists(x, x == 3)", "self.list.exists_one(x, x == 3)", "!self.list.exists_one(x, x > 1)",
        "self.list.filter(x, x > 1) == [2, 3]", "self.list.map(x, x * 2) == [2, 4, 6]",
        "self.map.all(k, k in ['a', 'b'])", "self.empty.all(x, false)", "!self.empty.exists(x, true)",
        "self.list.all(x, self.list.exists(y, y == x))", "true ? true : false", "false ? false : true",
        "false ? 1 / 0 == 0 : true", "self.t.startsWith('te') && self.t.endsWith('xt')",
        "self.t.contains('ex') && self.t.matches('^t.*t$') && self.t.matches('ex')",
        "self.span > duration('1s') && self.span == duration('1500ms')",
        "duration('1s') + duration('1m') == duration('61s')",
        "quantity('1Gi').isGreaterThan(quantity('1G')) && quantity('1').isLessThan(quantity('2'))",
        "quantity('1k').compareTo(quantity('1000')) == 0", "isQuantity('1Mi') && !isQuantity('x')",
        "string(5) == '5' && int('7') == 7 && double(2) == 2.0 && string('a') == 'a' && int(2.9) == 2",
        "self.n == 5 || self.nothing == 1", "self.nothing == 1 || self.n == 5",
        "!(self.nothing == 1 && false)", "!self.list.all(x, x == 1 && self.nothing == x) || true",
        "null == null"));

TEST(Cel, FirstMatchOfAnErrorAndADecisionIsForgivenInQuantifiers) {
  EXPECT_EQ(run("self.list.exists(x, x == 2 || self.nothing == x)"), "true");
  EXPECT_EQ(run("self.list.exists(x, self.nothing == x)"), "error: no such field: nothing");
}

TEST(Cel, WhatCannotBeEvaluatedIsAnErrorNotACrash) {
  EXPECT_EQ(run("self.nothing == 1"), "error: no such field: nothing");
  EXPECT_EQ(run("self.nothing == 1 && true"), "error: no such field: nothing");
  EXPECT_EQ(run("self.n < 'a'"), "error: no such overload of <");
  EXPECT_EQ(run("self.list[3] == 1"), "error: index out of bounds");
  EXPECT_EQ(run("self.map['c'] == ''"), "error: no such key: c");
  EXPECT_EQ(run("1 / 0 == 1"), "error: division by zero");
  EXPECT_EQ(run("9223372036854775807 + 1 > 0"), "error: integer overflow");
  EXPECT_EQ(run("-(-9223372036854775807 - 1) > 0"), "error: integer overflow");
  EXPECT_EQ(run("other == 1"), "error: no such name: other");
  EXPECT_EQ(run("self.t.matches('(')"), "error: not a regular expression: missing ): (");
  EXPECT_EQ(run("duration('x') == duration('1s')").substr(0, 6), "error:");
  EXPECT_EQ(run("self.n ? true : false"), "error: a int where true or false belongs");
  EXPECT_EQ(run("self.n"), "a int");
}

TEST(Cel, MalformedTextDoesNotCompile) {
  for (const std::string text :
       {"", "1 +", "(1", "[1, 2", "self.", "self.all(1, true)", "a ? b", "'open", "1 2", "has(self)",
        "self.list.fold(x, x)", "unknown(1)", "size()", "#", "{'a': 1}", "'\\q'", "99999999999999999999"}) {
    EXPECT_FALSE(Expression::compile(text)) << text;
  }
}

TEST(Cel, DeepNestingDoesNotCompile) {
  EXPECT_FALSE(Expression::compile(std::string(10000, '(') + "1" + std::string(10000, ')')));
  EXPECT_FALSE(Expression::compile(std::string(10000, '!') + "true"));
}

TEST(Cel, EvaluationIsBounded) {
  std::string text = "true";
  for (int i = 0; i < 30; ++i) text = "self.list.all(x" + std::to_string(i) + ", " + text + ")";
  EXPECT_EQ(run(text), "error: the rule takes too long");
}

}  // namespace
}  // namespace otlpipe::schema::cel
