#include "worker/control/control_client.h"

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "common/tls/certificate.h"
#include "otlpipe/control/v1/control.grpc.pb.h"

namespace otlpipe::worker::control {
namespace {

namespace pb = otlpipe::control::v1;
using namespace std::chrono_literals;

// Values that one thread hands to another, which waits for them; the bound only keeps a broken test from
// hanging.
template <typename T>
class Inbox {
 public:
  void put(T value) {
    const std::lock_guard lock(mutex_);
    values_.push_back(std::move(value));
    changed_.notify_all();
  }
  std::optional<T> take() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, 20s, [this]() -> bool { return !values_.empty(); })) return std::nullopt;
    T value = std::move(values_.front());
    values_.pop_front();
    return value;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> values_;
};

// An operator that records what workers say and says what the test wants.
class FakeOperator final : public pb::Control::Service {
 public:
  using Calls = grpc::ServerReaderWriter<pb::OperatorMessage, pb::WorkerMessage>;

  grpc::Status Connect(grpc::ServerContext* context, Calls* calls) override {
    const auto token = context->client_metadata().find("authorization");
    tokens.put(token == context->client_metadata().end()
                   ? ""
                   : std::string(token->second.data(), token->second.size()));
    {
      const std::lock_guard lock(mutex_);
      if (refusal_) return *refusal_;
    }
    for (const pb::OperatorMessage& message : greeting_) calls->Write(message);
    pb::WorkerMessage message;
    while (calls->Read(&message)) {
      if (message.has_hello()) hellos.put(message.hello());
      if (message.has_config_result()) results.put(message.config_result());
      if (message.has_report()) reports.put(message.report());
    }
    ended.put(true);
    return grpc::Status::OK;
  }

  void greet_with(pb::OperatorMessage message) { greeting_.push_back(std::move(message)); }
  void refuse(std::optional<grpc::Status> status) {
    const std::lock_guard lock(mutex_);
    refusal_ = std::move(status);
  }

  Inbox<std::string> tokens;
  Inbox<pb::Hello> hellos;
  Inbox<pb::ConfigResult> results;
  Inbox<pb::Report> reports;
  Inbox<bool> ended;

 private:
  std::mutex mutex_;
  std::optional<grpc::Status> refusal_;
  std::vector<pb::OperatorMessage> greeting_;
};

class FakeHost final : public Host {
 public:
  std::vector<ConfigProblem> apply_config(const std::string& hash, const std::string& json) override {
    applied.put(json);
    if (json == "bad") return {{"exporters[0].otlpGrpc.endpoint", "is not reachable"}};
    const std::lock_guard lock(mutex_);
    hash_ = hash;
    return {};
  }
  std::string applied_hash() override {
    const std::lock_guard lock(mutex_);
    return hash_;
  }
  void fill_report(pb::Report& report) override { report.set_rss_bytes(4711); }
  void drain() override { drained.put(true); }
  void set_log_level(LogLevel level) override { levels.put(level); }

  Inbox<std::string> applied;
  Inbox<bool> drained;
  Inbox<LogLevel> levels;

 private:
  std::mutex mutex_;
  std::string hash_ = "first";
};

pb::OperatorMessage config_message(const std::string& hash, const std::string& json) {
  pb::OperatorMessage message;
  message.mutable_config()->set_hash(hash);
  message.mutable_config()->set_json(json);
  return message;
}

class ControlClientTest : public testing::Test {
 protected:
  void listen(
      const std::shared_ptr<grpc::ServerCredentials>& credentials = grpc::InsecureServerCredentials()) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:" + std::to_string(port_), credentials, &port_);
    builder.RegisterService(&operator_);
    server_ = builder.BuildAndStart();
    ASSERT_TRUE(server_);
  }
  ControlOptions options() const {
    ControlOptions out;
    out.endpoint = "127.0.0.1:" + std::to_string(port_);
    out.report_interval = 5ms;
    out.reconnect = {.initial = 1ms, .max = 20ms, .jitter = 0};
    return out;
  }
  std::unique_ptr<ControlClient> start(const ControlOptions& with) {
    return ControlClient::start(with, {"ns", "gateway", "gateway-1", "uid-1", "0.1.0"}, host_, random_, {});
  }
  void TearDown() override {
    if (server_) server_->Shutdown(std::chrono::system_clock::now());
  }

  int port_ = 0;
  SeededRandom random_{1};
  FakeHost host_;
  FakeOperator operator_;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(ControlClientTest, SaysWhoItIsThenReportsAgainAndAgain) {
  listen();
  const auto client = start(options());
  const auto hello = operator_.hellos.take();
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->namespace_(), "ns");
  EXPECT_EQ(hello->pipeline(), "gateway");
  EXPECT_EQ(hello->pod_uid(), "uid-1");
  EXPECT_EQ(hello->applied_config_hash(), "first");
  for (int i = 0; i < 3; ++i) {
    const auto report = operator_.reports.take();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->hash(), "first");
    EXPECT_EQ(report->rss_bytes(), 4711U);
  }
}

TEST_F(ControlClientTest, AConfigurationIsAppliedAndItsAcceptanceReported) {
  operator_.greet_with(config_message("second", "good"));
  listen();
  const auto client = start(options());
  EXPECT_EQ(host_.applied.take(), "good");
  const auto result = operator_.results.take();
  ASSERT_TRUE(result);
  EXPECT_EQ(result->hash(), "second");
  EXPECT_TRUE(result->accepted());
}

TEST_F(ControlClientTest, ARejectionCarriesTheFieldPathAndTheOldHashStays) {
  operator_.greet_with(config_message("second", "bad"));
  listen();
  const auto client = start(options());
  const auto result = operator_.results.take();
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->accepted());
  ASSERT_EQ(result->errors_size(), 1);
  EXPECT_EQ(result->errors(0).path(), "exporters[0].otlpGrpc.endpoint");
  EXPECT_EQ(host_.applied_hash(), "first");
}

TEST_F(ControlClientTest, AConfigurationThatRunsAlreadyIsAcceptedWithoutApplyingItAgain) {
  operator_.greet_with(config_message("first", "good"));
  operator_.greet_with(config_message("second", "good"));
  listen();
  const auto client = start(options());
  EXPECT_EQ(host_.applied.take(), "good");
  EXPECT_EQ(host_.applied_hash().empty(), false);
  // Only one call was made for the two messages: the next value would be there by the time the second was
  // answered.
  for (auto result = operator_.results.take(); result && result->hash() != "second";
       result = operator_.results.take()) {
    EXPECT_TRUE(result->accepted());
  }
}

TEST_F(ControlClientTest, DrainAndLogLevelReachTheHost) {
  pb::OperatorMessage drain;
  drain.mutable_drain();
  pb::OperatorMessage wrong_level;
  wrong_level.mutable_set_log_level()->set_level("loud");
  pb::OperatorMessage level;
  level.mutable_set_log_level()->set_level("debug");
  for (const auto& message : {drain, wrong_level, level}) operator_.greet_with(message);
  listen();
  const auto client = start(options());
  EXPECT_EQ(host_.drained.take(), true);
  EXPECT_EQ(host_.levels.take(), LogLevel::kDebug);
}

TEST_F(ControlClientTest, ReconnectsWhenTheOperatorComesBackAndGreetsAnew) {
  listen();
  const auto client = start(options());
  ASSERT_TRUE(operator_.hellos.take());
  server_->Shutdown(std::chrono::system_clock::now());
  server_.reset();
  listen();  // the same port
  EXPECT_TRUE(operator_.hellos.take());
}

TEST_F(ControlClientTest, ARefusalIsTriedAgainUntilItIsTakenBack) {
  operator_.refuse(grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "who are you"));
  listen();
  const auto client = start(options());
  ASSERT_TRUE(operator_.tokens.take());
  ASSERT_TRUE(operator_.tokens.take());
  EXPECT_FALSE(client->connected());
  operator_.refuse(std::nullopt);
  EXPECT_TRUE(operator_.hellos.take());
}

TEST_F(ControlClientTest, ATokenAndAServerNameAreUsedOverTls) {
  const auto now = SystemClock().wall_now();
  const auto ca = tls::create_ca("ca", now, 1h).value();
  const auto server = tls::create_server_certificate(ca, {"operator.test"}, {}, now, 1h).value();
  grpc::SslServerCredentialsOptions ssl;
  ssl.pem_key_cert_pairs.push_back({server.key_pem, server.certificate_pem});
  listen(grpc::SslServerCredentials(ssl));
  const std::filesystem::path folder = testing::TempDir() + "control_client_" + std::to_string(getpid());
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "ca.crt") << ca.certificate_pem;
  std::ofstream(folder / "token") << "s3cret\n";
  ControlOptions with = options();
  with.ca_file = folder / "ca.crt";
  with.token_file = folder / "token";
  with.server_name = "operator.test";
  const auto client = start(with);
  EXPECT_EQ(operator_.tokens.take(), "Bearer s3cret");
  EXPECT_TRUE(operator_.hellos.take());
  std::filesystem::remove_all(folder);
}

TEST_F(ControlClientTest, AFileThatCannotBeReadStopsNothingAndTheEndIsPrompt) {
  ControlOptions with = options();
  with.endpoint = "127.0.0.1:1";
  with.token_file = "/nowhere/token";
  const auto client = start(with);
  EXPECT_FALSE(client->connected());
}

TEST_F(ControlClientTest, AChangeFromTheFileIsReported) {
  listen();
  const auto client = start(options());
  ASSERT_TRUE(operator_.hellos.take());
  client->config_changed("from-file", {});
  const auto result = operator_.results.take();
  ASSERT_TRUE(result);
  EXPECT_EQ(result->hash(), "from-file");
}

TEST_F(ControlClientTest, EndingHangsUpCleanlyAfterALastReport) {
  listen();
  auto client = start(options());
  ASSERT_TRUE(operator_.hellos.take());
  client.reset();
  EXPECT_EQ(operator_.ended.take(), true);
}

}  // namespace
}  // namespace otlpipe::worker::control
