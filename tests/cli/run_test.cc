// `otlpipe run` as a running process, with a shell script in the worker's place that says what happens to it.
#include <csignal>
#include <string>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/cli/temp_folder.h"

extern char** environ;

namespace otlpipe::cli {
namespace {

// Says that it listens, then prints its configuration's batch size whenever the file changes, and drains on
// SIGTERM.
constexpr const char* kWorker = R"(#!/bin/sh
trap 'echo drained; exit 0' TERM
trap 'echo interrupted; exit 9' INT
config=$2
echo "listening otlp/grpc 127.0.0.1:1 $GIVEN $3 $4"
last=
while :; do
  now=$(grep -o '"logLevel": "[a-z]*"' "$config")
  if [ "$now" != "$last" ]; then echo "runs $now"; last=$now; fi
  sleep 0.02
done
)";

class RunningCommand : public testing::Test {
 protected:
  void start() {
    int fds[2];
    ASSERT_EQ(pipe2(fds, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fds[1], 1);
    posix_spawn_file_actions_adddup2(&actions, fds[1], 2);
    std::vector<std::string> words = {OTLPIPE_BINARY, "run", "-f", file_, "--worker", worker_};
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    ASSERT_EQ(posix_spawn(&child_, OTLPIPE_BINARY, &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(fds[1]);
    out_ = fds[0];
  }

  // Reads until the text has been seen; false when the output ends or nothing comes for a long time.
  bool wait_for(const std::string& text) {
    while (seen_.find(text) == std::string::npos) {
      pollfd ready{out_, POLLIN, 0};
      char buffer[4096];
      if (poll(&ready, 1, 30'000) != 1) return false;
      const ssize_t n = ::read(out_, buffer, sizeof buffer);
      if (n <= 0) return false;
      seen_.append(buffer, static_cast<std::size_t>(n));
    }
    return true;
  }

  int wait_exit() {
    int status = 0;
    waitpid(child_, &status, 0);
    child_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  void TearDown() override {
    if (child_ > 0) {
      kill(child_, SIGTERM);
      wait_exit();
    }
    if (out_ >= 0) close(out_);
  }

  TempFolder folder_;
  std::string worker_ = folder_.file("worker", kWorker, true);
  std::string file_ = folder_.file("a.yaml", pipeline_yaml("a", "  env: [{name: GIVEN, value: hello}]\n"));
  pid_t child_ = 0;
  int out_ = -1;
  std::string seen_;
};

TEST_F(RunningCommand, WorkerGetsItsEnvironmentAndTheUsersFileNameAndItsOutputPassesThrough) {
  start();
  EXPECT_TRUE(wait_for("listening otlp/grpc 127.0.0.1:1 hello --config-name " + file_ + "\n")) << seen_;
}

TEST_F(RunningCommand, InterruptDrainsTheWorkerOnceAndEndsWithZero) {
  start();
  ASSERT_TRUE(wait_for("runs"));
  kill(child_, SIGINT);
  EXPECT_TRUE(wait_for("drained\n")) << seen_;
  EXPECT_EQ(wait_exit(), 0);
  EXPECT_THAT(seen_, testing::Not(testing::HasSubstr("interrupted")));
}

TEST_F(RunningCommand, ChangedFileReachesTheWorkerAndAWrongOneDoesNot) {
  start();
  ASSERT_TRUE(wait_for("runs \"logLevel\": \"info\"\n")) << seen_;
  folder_.file("a.yaml", pipeline_yaml("a", "  replicas: -1\n"));
  ASSERT_TRUE(wait_for("not taken over")) << seen_;
  EXPECT_THAT(seen_, testing::HasSubstr("a.yaml:5: spec.replicas: -1 is below the minimum 0"));
  folder_.file("a.yaml", pipeline_yaml("a", "  telemetry: {logLevel: debug}\n"));
  EXPECT_TRUE(wait_for("runs \"logLevel\": \"debug\"\n")) << seen_;
}

}  // namespace
}  // namespace otlpipe::cli
