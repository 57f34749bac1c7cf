#include "cli/options.h"

#include <gtest/gtest.h>

namespace otlpipe::cli {
namespace {

Arguments parse(std::vector<std::string> words) {
  words.insert(words.begin(), "otlpipe");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  return parse_arguments(static_cast<int>(words.size()), argv.data());
}

TEST(Options, RunTakesPortsOfListeners) {
  const auto run =
      parse({"run", "-f", "a.yaml", "--set-port", "otlp.grpc=0", "--set-port", "metrics=9999"}).run;
  ASSERT_TRUE(run);
  EXPECT_EQ(run->file, "a.yaml");
  EXPECT_EQ(run->ports, (std::map<std::string, int>{{"otlp.grpc", 0}, {"metrics", 9999}}));
}

TEST(Options, MalformedPortIsAUsageError) {
  for (const std::string port :
       {"otlp.grpc", "otlp.grpc=x", "otlp.grpc=70000", "=1", "otlp.grpc=-1", "otlp.grpc="}) {
    const Arguments arguments = parse({"run", "-f", "a.yaml", "--set-port", port});
    EXPECT_EQ(arguments.exit_code, 2) << port;
    EXPECT_FALSE(arguments.run) << port;
  }
}

TEST(Options, ValidateTakesSeveralFiles) {
  EXPECT_EQ(parse({"validate", "-f", "a", "-f", "b"}).validate->files, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(parse({"validate", "-f", "a", "b", "-"}).validate->files,
            (std::vector<std::string>{"a", "b", "-"}));
}

TEST(Options, FilesMayBeNamedWithoutTheFlag) {
  EXPECT_EQ(parse({"validate", "a", "b"}).validate->files, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(parse({"run", "a.yaml", "--name", "x"}).run->file, "a.yaml");
}

TEST(Options, UnknownWordIsNamed) {
  for (const std::string word : {"fly", "--loud"}) {
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(parse({word}).exit_code, 2);
    EXPECT_NE(::testing::internal::GetCapturedStderr().find(word), std::string::npos) << word;
  }
}

TEST(Options, StatusTakesNameNamespaceAndFormat) {
  const auto status = parse({"status", "gateway", "-n", "ns", "-o", "json"}).status;
  ASSERT_TRUE(status);
  EXPECT_EQ(status->name, "gateway");
  EXPECT_EQ(status->name_space, "ns");
  EXPECT_TRUE(status->json);
}

TEST(Options, WhatIsNotUnderstoodIsAUsageError) {
  EXPECT_EQ(parse({}).exit_code, 2);
  EXPECT_EQ(parse({"fly"}).exit_code, 2);
  EXPECT_EQ(parse({"run"}).exit_code, 2);
  EXPECT_EQ(parse({"validate", "-f", "a", "--loud"}).exit_code, 2);
  EXPECT_EQ(parse({"status", "-o", "yaml"}).exit_code, 2);
}

TEST(Options, HelpAndVersionEndWithZeroEverywhere) {
  EXPECT_EQ(parse({"--help"}).exit_code, 0);
  EXPECT_EQ(parse({"--version"}).exit_code, 0);
  for (const std::string command : {"run", "validate", "status"}) {
    EXPECT_EQ(parse({command, "--help"}).exit_code, 0) << command;
    EXPECT_EQ(parse({command, "--version"}).exit_code, 0) << command;
  }
}

}  // namespace
}  // namespace otlpipe::cli
