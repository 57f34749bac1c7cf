#include "proto/schema/quantity.h"

#include <gtest/gtest.h>

namespace otlpipe::schema {
namespace {

std::int64_t bytes(std::string_view text) {
  return Quantity::parse(text).value().ceil();
}

TEST(Quantity, NotationOfKubernetes) {
  EXPECT_EQ(bytes("0"), 0);
  EXPECT_EQ(bytes("1000000"), 1000000);
  EXPECT_EQ(bytes("64Mi"), std::int64_t{64} << 20);
  EXPECT_EQ(bytes("1.5Gi"), std::int64_t{3} << 29);
  EXPECT_EQ(bytes("2k"), 2000);
  EXPECT_EQ(bytes("1e3"), 1000);
  EXPECT_EQ(bytes("1E3"), 1000);
  EXPECT_EQ(bytes("1E"), 1'000'000'000'000'000'000);
  EXPECT_EQ(bytes("7Ei"), std::int64_t{7} << 60);
}

TEST(Quantity, FractionsRoundUp) {
  EXPECT_EQ(bytes("100m"), 1);
  EXPECT_EQ(bytes("1n"), 1);
  EXPECT_EQ(bytes("1001m"), 2);
  EXPECT_EQ(bytes("0.0"), 0);
}

TEST(Quantity, OrderIsThatOfTheValues) {
  EXPECT_LT(Quantity::parse("999m").value(), Quantity::parse("1").value());
  EXPECT_EQ(Quantity::parse("1Ki").value(), Quantity::of_bytes(1024));
  EXPECT_GT(Quantity::parse("1Mi").value(), Quantity::parse("1M").value());
}

TEST(Quantity, WhatIsNoQuantityIsRefused) {
  for (const std::string text : {"", "Mi", "-1", "1 Mi", "1mi", "1KI", ".5", "1.", "1..2", "1e", "1e99",
                                 "8Ei", "1E1E", "0x10", "99999999999999999999", "1.0000000001"}) {
    EXPECT_FALSE(Quantity::parse(text)) << text;
  }
}

TEST(FormatBytes, LargestBinarySuffixThatIsExact) {
  EXPECT_EQ(format_bytes(0), "0");
  EXPECT_EQ(format_bytes(1000), "1000");
  EXPECT_EQ(format_bytes(1536), "1536");
  EXPECT_EQ(format_bytes(std::int64_t{160} << 20), "160Mi");
  EXPECT_EQ(format_bytes(std::int64_t{4} << 60), "4Ei");
}

}  // namespace
}  // namespace otlpipe::schema
