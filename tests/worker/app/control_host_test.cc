// The worker and an operator that the test plays.

#include "worker/app/control_host.h"

#include <atomic>
#include <mutex>
#include <optional>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "otlpipe/control/v1/control.grpc.pb.h"
#include "tests/worker/app/harness.h"
#include "worker/config/config.h"

namespace otlpipe::worker::app {
namespace {

namespace pb = otlpipe::control::v1;
using testing::config_json;
using testing::eventually;
using testing::RunningWorker;

class FakeOperator final : public pb::Control::Service {
 public:
  FakeOperator() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~FakeOperator() override { server_->Shutdown(std::chrono::system_clock::now()); }

  grpc::Status Connect(grpc::ServerContext*,
                       grpc::ServerReaderWriter<pb::OperatorMessage, pb::WorkerMessage>* stream) override {
    {
      const std::lock_guard lock(mutex_);
      stream_ = stream;
    }
    pb::WorkerMessage message;
    while (stream->Read(&message)) {
      const std::lock_guard lock(mutex_);
      heard_.push_back(message);
    }
    const std::lock_guard lock(mutex_);
    stream_ = nullptr;
    return grpc::Status::OK;
  }
  void say(const pb::OperatorMessage& message) {
    const std::lock_guard lock(mutex_);
    if (stream_ != nullptr) stream_->Write(message);
  }
  template <typename Match>
  std::optional<pb::WorkerMessage> hear(Match match) {
    std::optional<pb::WorkerMessage> found;
    eventually([&] {
      const std::lock_guard lock(mutex_);
      for (const pb::WorkerMessage& message : heard_) {
        if (match(message)) found = message;
      }
      return found.has_value();
    });
    return found;
  }

  int port = 0;

 private:
  std::mutex mutex_;
  grpc::ServerReaderWriter<pb::OperatorMessage, pb::WorkerMessage>* stream_ = nullptr;
  std::vector<pb::WorkerMessage> heard_;
  std::unique_ptr<grpc::Server> server_;
};

class ControlHostTest : public ::testing::Test {
 protected:
  std::string config(const std::string& batch_timeout) {
    std::string json = config_json({.backend_port = 1, .batch = R"({"timeout":")" + batch_timeout + R"("})"});
    json.insert(json.rfind('}'), R"(,"control":{"endpoint":"127.0.0.1:)" + std::to_string(operator_.port) +
                                     R"(","reportInterval":"100ms"})");
    return json;
  }
  void push(const std::string& json) {
    pb::OperatorMessage message;
    message.mutable_config()->set_hash(config::hash_of(json));
    message.mutable_config()->set_json(json);
    operator_.say(message);
  }
  std::optional<pb::WorkerMessage> result_for(const std::string& json) {
    return operator_.hear([&](const pb::WorkerMessage& m) {
      return m.has_config_result() && m.config_result().hash() == config::hash_of(json);
    });
  }

  FakeOperator operator_;
  RunningWorker worker_{1};
  SeededRandom random_{1};
  std::atomic<int> changes_{0};
  std::atomic<bool> drain_{false};
  ControlHost host_{worker_.supervisor(), random_, [this] { ++changes_; }, [this] { drain_ = true; }};
};

TEST_F(ControlHostTest, WorkerSaysWhoItIsWhatItRunsAndHowItIsDoing) {
  ASSERT_TRUE(worker_.apply(config("5ms")).ok());
  host_.follow();
  const auto hello = operator_.hear([](const pb::WorkerMessage& m) { return m.has_hello(); });
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->hello().pipeline(), "gateway");
  EXPECT_EQ(hello->hello().applied_config_hash(), config::hash_of(config("5ms")));
  const auto report = operator_.hear([](const pb::WorkerMessage& m) { return m.has_report(); });
  ASSERT_TRUE(report);
  EXPECT_EQ(report->report().exporters(0).name(), "backend");
}

TEST_F(ControlHostTest, ConfigurationOfTheOperatorRunsAndIsConfirmed) {
  ASSERT_TRUE(worker_.apply(config("5ms")).ok());
  host_.follow();
  ASSERT_TRUE(operator_.hear([](const pb::WorkerMessage& m) { return m.has_hello(); }));
  push(config("6ms"));
  const auto result = result_for(config("6ms"));
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->config_result().accepted());
  EXPECT_EQ(worker_.supervisor().hash(), config::hash_of(config("6ms")));
  EXPECT_TRUE(eventually([&] { return changes_ > 0; }));
}

TEST_F(ControlHostTest, BadConfigurationIsRejectedWithItsPathAndTheOldOneRunsOn) {
  ASSERT_TRUE(worker_.apply(config("5ms")).ok());
  host_.follow();
  ASSERT_TRUE(operator_.hear([](const pb::WorkerMessage& m) { return m.has_hello(); }));
  push(config("never"));
  const auto result = result_for(config("never"));
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->config_result().accepted());
  ASSERT_GE(result->config_result().errors_size(), 1);
  EXPECT_EQ(result->config_result().errors(0).path(), "processors[0].batch.timeout");
  EXPECT_EQ(worker_.supervisor().hash(), config::hash_of(config("5ms")));
}

TEST_F(ControlHostTest, DrainingWorkerNeitherAppliesNorRejects) {
  ASSERT_TRUE(worker_.apply(config("5ms")).ok());
  host_.follow();
  ASSERT_TRUE(operator_.hear([](const pb::WorkerMessage& m) { return m.has_hello(); }));
  worker_.supervisor().set_draining();
  push(config("6ms"));
  const auto result = result_for(config("6ms"));
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->config_result().accepted());
  EXPECT_EQ(worker_.supervisor().hash(), config::hash_of(config("5ms")));
}

TEST_F(ControlHostTest, OperatorCanAskForADrain) {
  ASSERT_TRUE(worker_.apply(config("5ms")).ok());
  host_.follow();
  ASSERT_TRUE(operator_.hear([](const pb::WorkerMessage& m) { return m.has_hello(); }));
  pb::OperatorMessage message;
  message.mutable_drain();
  operator_.say(message);
  EXPECT_TRUE(eventually([&] { return drain_.load(); }));
}

}  // namespace
}  // namespace otlpipe::worker::app
