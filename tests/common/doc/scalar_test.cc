#include "common/doc/scalar.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace otlpipe::doc {
namespace {

using nlohmann::json;

struct Case {
  std::string text;
  json value;
};

class PlainScalar : public testing::TestWithParam<Case> {};

TEST_P(PlainScalar, MeansWhatItMeansToKubectl) {
  const auto value = resolve_scalar("", GetParam().text);
  ASSERT_TRUE(value) << value.error().message;
  EXPECT_EQ(*value, GetParam().value) << GetParam().text;
  EXPECT_EQ(value->type(), GetParam().value.type()) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Yaml11, PlainScalar,
    testing::Values(Case{"yes", true}, Case{"On", true}, Case{"y", true}, Case{"TRUE", true},
                    Case{"no", false}, Case{"OFF", false}, Case{"yEs", "yEs"}, Case{"~", nullptr},
                    Case{"Null", nullptr}, Case{"nUll", "nUll"}, Case{"7", std::int64_t{7}},
                    Case{"+7", std::int64_t{7}}, Case{"-7", std::int64_t{-7}}, Case{"010", std::int64_t{8}},
                    Case{"0o10", std::int64_t{8}}, Case{"0x1F", std::int64_t{31}},
                    Case{"0b101", std::int64_t{5}}, Case{"-0b1", std::int64_t{-1}},
                    Case{"1_000", std::int64_t{1000}}, Case{"-9223372036854775808", INT64_MIN},
                    Case{"18446744073709551615", UINT64_MAX},
                    Case{"18446744073709551616", 18446744073709551616.0}, Case{"1.5", 1.5}, Case{".5", 0.5},
                    Case{"1.", 1.0}, Case{"1e3", 1000.0}, Case{"09", 9.0}, Case{"0", std::int64_t{0}},
                    Case{"2001-01-01", "2001-01-01"}, Case{"1.2.3", "1.2.3"}, Case{"64Mi", "64Mi"},
                    Case{"100ms", "100ms"}, Case{"-", "-"}, Case{"0x", "0x"}, Case{"12:30", "12:30"},
                    Case{"1e", "1e"}, Case{".", "."}, Case{"-.5", -0.5}));

TEST(Scalar, QuotedTextStaysText) {
  for (const std::string text : {"yes", "1", "null", "", "1.5"})
    EXPECT_EQ(resolve_scalar("!", text).value(), json(text));
  EXPECT_EQ(resolve_scalar("tag:yaml.org,2002:str", "5").value(), json("5"));
}

TEST(Scalar, ExplicitTagDecidesAndMustFit) {
  EXPECT_EQ(resolve_scalar("tag:yaml.org,2002:float", "1").value(), json(1.0));
  EXPECT_EQ(resolve_scalar("tag:yaml.org,2002:int", "0x10").value(), json(16));
  EXPECT_FALSE(resolve_scalar("tag:yaml.org,2002:int", "1.5"));
  EXPECT_FALSE(resolve_scalar("tag:yaml.org,2002:bool", "~"));
  EXPECT_EQ(resolve_scalar("tag:yaml.org,2002:binary", "aGk=").error().message,
            "the tag !!binary is not known");
  EXPECT_FALSE(resolve_scalar("!own", "x"));
}

TEST(Scalar, WhatJsonCannotHoldIsRefused) {
  for (const std::string text : {".inf", "-.Inf", ".nan"}) EXPECT_FALSE(resolve_scalar("", text)) << text;
}

}  // namespace
}  // namespace otlpipe::doc
