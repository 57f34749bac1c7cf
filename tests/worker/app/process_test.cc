// The program itself: arguments, lines, signals, exit codes.

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/worker/app/harness.h"

namespace otlpipe::worker::app {
namespace {

using testing::Backend;
using testing::config_json;
using testing::eventually;
using testing::Traffic;

class Process {
 public:
  explicit Process(std::vector<std::string> arguments) {
    int out[2];
    int err[2];
    EXPECT_EQ(pipe2(out, O_CLOEXEC) + pipe2(err, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_adddup2(&actions, err[1], 2);
    arguments.insert(arguments.begin(), OTLPIPE_WORKER_BINARY);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    EXPECT_EQ(posix_spawn(&pid_, OTLPIPE_WORKER_BINARY, &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(out[1]);
    close(err[1]);
    out_ = out[0];
    err_ = err[0];
  }
  ~Process() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    close(out_);
    close(err_);
  }
  // Reads standard output until it holds `text`.
  bool prints(const std::string& text) {
    return eventually([&] {
      read_some(out_, output);
      return output.find(text) != std::string::npos;
    });
  }
  // The same for standard error.
  bool complains(const std::string& text) {
    return eventually([&] {
      read_some(err_, errors);
      return errors.find(text) != std::string::npos;
    });
  }
  int port_of(const std::string& listener) {
    const std::string line = "listening " + listener + " 127.0.0.1:";
    return std::atoi(output.c_str() + output.find(line) + line.size());
  }
  void signal(int number) const { kill(pid_, number); }
  // Waits for the end; -1: killed.
  int exit_code() {
    int status = 0;
    eventually([&] {
      read_some(out_, output);
      read_some(err_, errors);
      return waitpid(pid_, &status, WNOHANG) == pid_;
    });
    read_some(out_, output);
    read_some(err_, errors);
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string output;
  std::string errors;

 private:
  static void read_some(int fd, std::string& into) {
    pollfd ready{fd, POLLIN, 0};
    while (poll(&ready, 1, 0) == 1) {
      char buffer[4096];
      const ssize_t n = read(fd, buffer, sizeof buffer);
      if (n <= 0) return;
      into.append(buffer, static_cast<std::size_t>(n));
    }
  }
  pid_t pid_ = 0;
  int out_ = -1;
  int err_ = -1;
};

class WorkerProcess : public ::testing::Test {
 public:
  ~WorkerProcess() override { std::filesystem::remove_all(folder_); }

 protected:
  WorkerProcess() {
    char path[] = "/tmp/otlpipe-process-XXXXXX";
    folder_ = mkdtemp(path);
  }
  std::string write(const std::string& json) {
    const std::string path = folder_ + "/worker.json";
    std::ofstream(path + ".new") << json;
    std::filesystem::rename(path + ".new", path);
    return path;
  }
  std::string folder_;
};

TEST_F(WorkerProcess, VersionAndHelpAreFine) {
  Process version({"--version"});
  EXPECT_EQ(version.exit_code(), 0);
  EXPECT_TRUE(version.output.starts_with("otlpipe-worker "));
  Process help({"--help"});
  EXPECT_EQ(help.exit_code(), 0);
  EXPECT_NE(help.output.find("--config"), std::string::npos);
}

TEST_F(WorkerProcess, WrongUsageIsTwo) {
  EXPECT_EQ(Process({}).exit_code(), 2);
  EXPECT_EQ(Process({"--no-such-flag"}).exit_code(), 2);
}

TEST_F(WorkerProcess, WrongConfigurationIsOneAndEveryErrorIsALine) {
  Process process({"--config", write(R"({"identity":{"name":"x"},"receivers":[],"oops":1})")});
  EXPECT_EQ(process.exit_code(), 1);
  EXPECT_NE(process.errors.find("worker.json: oops"), std::string::npos) << process.errors;
}

TEST_F(WorkerProcess, FileThatIsNotThereIsThree) {
  Process process({"--config", "/no/such/file.json"});
  EXPECT_EQ(process.exit_code(), 3);
  EXPECT_NE(process.errors.find("/no/such/file.json"), std::string::npos);
}

TEST_F(WorkerProcess, PortInUseIsThreeAndNamed) {
  Backend taken;
  std::string json = config_json({.backend_port = 1});
  const std::string any = R"("protocol":"http","address":"127.0.0.1","port":0)";
  json.replace(json.find(any), any.size(),
               R"("protocol":"http","address":"127.0.0.1","port":)" + std::to_string(taken.port()));
  Process process({"--config", write(json)});
  EXPECT_EQ(process.exit_code(), 3);
  EXPECT_NE(process.errors.find("127.0.0.1:" + std::to_string(taken.port())), std::string::npos)
      << process.errors;
}

TEST_F(WorkerProcess, ServesReloadsAndDrainsOnSigterm) {
  Backend first;
  Backend second;
  Process process({"--config", write(config_json({.backend_port = first.port()})), "--cores", "2"});
  ASSERT_TRUE(process.prints("listening metrics 127.0.0.1:"));
  Traffic client(process.port_of("otlp/grpc"), "a", 5);
  ASSERT_TRUE(eventually([&] { return client.acknowledged().size() >= 50; }));
  write(config_json({.backend_port = second.port()}));
  EXPECT_TRUE(eventually([&] { return second.records().size() >= 50; }));
  process.signal(SIGTERM);
  EXPECT_EQ(process.exit_code(), 0) << process.errors;
  client.stop();
  auto arrived = first.records();
  arrived.merge(second.records());
  for (const std::string& name : client.acknowledged()) EXPECT_TRUE(arrived.contains(name)) << name;
}

TEST_F(WorkerProcess, WhatCannotBeDeliveredInTimeIsSaidAndIsThree) {
  Process process({"--config", write(config_json({.backend_port = 1}))});
  ASSERT_TRUE(process.prints("listening metrics 127.0.0.1:"));
  Traffic client(process.port_of("otlp/grpc"), "a", 5);
  ASSERT_TRUE(process.complains("sending failed"));
  process.signal(SIGTERM);
  ASSERT_TRUE(process.complains("draining"));
  process.signal(SIGTERM);  // do not wait for the drain timeout
  EXPECT_EQ(process.exit_code(), 3);
  EXPECT_NE(process.errors.find("\"records_never_acknowledged\":5,\"records_lost\":0"), std::string::npos)
      << process.errors;
  client.stop();
}

}  // namespace
}  // namespace otlpipe::worker::app
