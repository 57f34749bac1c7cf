// The program itself: what it prints where, and what it ends with.
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/process.h"
#include "tests/cli/temp_folder.h"

namespace otlpipe::cli {
namespace {

Finished otlpipe(std::vector<std::string> arguments, const std::string& path = "") {
  std::vector<std::string> command = {"/usr/bin/env"};
  if (!path.empty()) command.push_back("PATH=" + path);
  command.emplace_back(OTLPIPE_BINARY);
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run_to_end(command).value();
}

TEST(ValidateCommand, ValidFileEndsWithZeroAndSaysSo) {
  const TempFolder folder;
  const std::string file = folder.file("a.yaml", pipeline_yaml("a"));
  const Finished done = otlpipe({"validate", "-f", file});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_EQ(done.out, file + ": OtlpPipeline ns/a is valid\n");
  EXPECT_EQ(done.err, "");
}

TEST(ValidateCommand, WrongFileEndsWithOneAndALineAnErrorOnStandardError) {
  const TempFolder folder;
  const std::string file = folder.file("a.yaml", pipeline_yaml("a", "  replicas: -1\n  mode: Sidecar\n"));
  const Finished done = otlpipe({"validate", "-f", file});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_EQ(done.out, "");
  EXPECT_EQ(done.err, file +
                          ":6: spec.mode: Sidecar is not supported yet: this mode comes with a later "
                          "release, use Deployment\n" +
                          file + ":5: spec.replicas: -1 is below the minimum 0\n");
}

TEST(ValidateCommand, FileThatCannotBeReadEndsWithThree) {
  const Finished done = otlpipe({"validate", "-f", "/nowhere.yaml"});
  EXPECT_EQ(done.exit_code, 3);
  EXPECT_EQ(done.err, "/nowhere.yaml: cannot be read: No such file or directory\n");
}

TEST(ValidateCommand, NoPipelineAtAllEndsWithOne) {
  const Finished done = otlpipe({"validate", "-f", "-"});  // standard input is empty here
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_EQ(done.err, "<stdin>:1: there is no OtlpPipeline in this file\n");
}

TEST(Command, UsageErrorIsOneLineAndEndsWithTwo) {
  const Finished done = otlpipe({"fly"});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_THAT(done.err, testing::MatchesRegex("otlpipe: [^\n]+\n"));
}

TEST(StatusCommand, AsksKubectlAndShowsWhatItSays) {
  const TempFolder folder;
  folder.file("kubectl",
              "#!/bin/sh\necho \"$@\" > " + folder.path() +
                  "/args\necho '{\"metadata\": {\"name\": \"a\"}, \"status\": {\"phase\": \"Ready\"}}'\n",
              true);
  const Finished done = otlpipe({"status", "a", "-n", "ns", "--context", "c"}, folder.path() + ":/bin");
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_THAT(done.out, testing::StartsWith("OtlpPipeline -/a: Ready\n"));
  EXPECT_EQ(run_to_end({"/bin/cat", folder.path() + "/args"}).value().out,
            "get otlppipelines.otlpipe.io a --namespace=ns --context=c -o json\n");
}

TEST(StatusCommand, FailureOfKubectlIsOneLine) {
  const TempFolder folder;
  folder.file("kubectl", "#!/bin/sh\necho 'E1 noise' >&2\necho 'The connection was refused' >&2\nexit 1\n",
              true);
  const Finished done = otlpipe({"status"}, folder.path() + ":/bin");
  EXPECT_EQ(done.exit_code, 3);
  EXPECT_EQ(done.err, "otlpipe: status: kubectl: The connection was refused\n");
}

TEST(StatusCommand, PipelineThatIsNotThereEndsWithOne) {
  const TempFolder folder;
  folder.file("kubectl", "#!/bin/sh\necho 'Error from server (NotFound): \"a\" not found' >&2\nexit 1\n",
              true);
  EXPECT_EQ(otlpipe({"status", "a"}, folder.path() + ":/bin").exit_code, 1);
}

TEST(StatusCommand, MissingKubectlEndsWithThree) {
  const Finished done = otlpipe({"status"}, "/nowhere");
  EXPECT_EQ(done.exit_code, 3);
  EXPECT_EQ(done.err,
            "otlpipe: status: kubectl is not installed or not on PATH; status asks the cluster through it\n");
}

TEST(RunCommand, WrongFileEndsWithOneBeforeAnythingStarts) {
  const TempFolder folder;
  const Finished done = otlpipe({"run", "-f", folder.file("a.yaml", pipeline_yaml("a", "  replicas: -1\n"))});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_THAT(done.err, testing::HasSubstr("a.yaml:5: spec.replicas: -1 is below the minimum 0\n"));
}

TEST(RunCommand, MissingWorkerEndsWithThree) {
  const TempFolder folder;
  const Finished done =
      otlpipe({"run", "-f", folder.file("a.yaml", pipeline_yaml("a")), "--worker", "/nowhere"});
  EXPECT_EQ(done.exit_code, 3);
  EXPECT_EQ(done.err, "/nowhere: the worker cannot be run: No such file or directory\n");
}

TEST(RunCommand, ExitCodeOfTheWorkerIsHandedOn) {
  const TempFolder folder;
  const std::string file = folder.file("a.yaml", pipeline_yaml("a"));
  for (const auto& [worker, expected] : {std::pair{0, 0}, {1, 1}, {2, 3}, {3, 3}}) {
    const std::string program =
        folder.file("worker", "#!/bin/sh\nexit " + std::to_string(worker) + "\n", true);
    EXPECT_EQ(otlpipe({"run", "-f", file, "--worker", program}).exit_code, expected) << worker;
  }
}

}  // namespace
}  // namespace otlpipe::cli
