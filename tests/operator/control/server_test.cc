// The control server over a real TLS connection, with a real gRPC client in this process.
#include "operator/control/server.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "operator/control/certificates.h"
#include "otlpipe/control/v1/control.grpc.pb.h"

namespace otlpipe::control {
namespace {

using std::chrono::seconds;

const kube::ObjectKey kPipeline{"ns", "gateway"};
constexpr seconds kLong{20};  // only ever waited for in full when something is broken

// Knows one token.
class OneToken final : public Authenticator {
 public:
  Result<WorkerIdentity> authenticate(const std::string& token, const Claim& claim) override {
    if (token != "good") {
      return fail(Code::kUnauthenticated, "who is that?");
    }
    return WorkerIdentity{claim.pipeline, claim.pod, claim.pod_uid, claim.version};
  }
};

ControlCertificates make_certificates() {
  CertificateOptions options{.secret = {}, .dns_names = {"localhost"}};
  return *renew(std::nullopt, options, std::chrono::system_clock::now());
}

// One worker's end.
class TestWorker {
 public:
  TestWorker(std::uint16_t port, const std::string& ca, const std::string& token,
             const std::string& pod = "a") {
    grpc::SslCredentialsOptions tls;
    tls.pem_root_certs = ca;
    grpc::ChannelArguments arguments;
    arguments.SetSslTargetNameOverride("localhost");
    channel_ = grpc::CreateCustomChannel("ipv4:127.0.0.1:" + std::to_string(port), grpc::SslCredentials(tls),
                                         arguments);
    stub_ = v1::Control::NewStub(channel_);
    context_.AddMetadata("authorization", "Bearer " + token);
    context_.set_deadline(std::chrono::system_clock::now() + kLong);
    stream_ = stub_->Connect(&context_);
    pod_ = pod;
  }
  void hello(const std::string& hash) {
    v1::WorkerMessage message;
    auto* hello = message.mutable_hello();
    hello->set_namespace_("ns");
    hello->set_pipeline("gateway");
    hello->set_pod(pod_);
    hello->set_pod_uid("uid-" + pod_);
    hello->set_applied_config_hash(hash);
    (void)stream_->Write(message);
  }
  void accept(const std::string& hash) {
    v1::WorkerMessage message;
    message.mutable_config_result()->set_hash(hash);
    message.mutable_config_result()->set_accepted(true);
    (void)stream_->Write(message);
  }
  bool write(const v1::WorkerMessage& message) { return stream_->Write(message); }
  // The hash of the next configuration; empty when the stream ended.
  std::string next_config() {
    v1::OperatorMessage message;
    return stream_->Read(&message) ? message.config().hash() : "";
  }
  grpc::Status end() {
    v1::OperatorMessage message;
    while (stream_->Read(&message)) {
    }
    return stream_->Finish();
  }
  void hang_up() { context_.TryCancel(); }

 private:
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::Control::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::WorkerMessage, v1::OperatorMessage>> stream_;
  std::string pod_;
};

class ControlServerTest : public ::testing::Test {
 protected:
  void start(ServerOptions options = {}) {
    options.address = "127.0.0.1";
    fleet_.set_listener([this](const kube::ObjectKey&, bool) {
      const std::lock_guard lock(mutex_);
      changed_.notify_all();
    });
    auto server = ControlServer::start(
        options, certificates_.server, fleet_, authenticator_, [this] { return accepting_.load(); },
        Logger());
    ASSERT_TRUE(server) << server.error().to_string();
    server_ = std::move(*server);
  }
  TestWorker worker(const std::string& token = "good", const std::string& pod = "a") {
    return {server_->port(), certificates_.ca.certificate_pem, token, pod};
  }
  bool eventually(const std::function<bool(const FleetReport&)>& condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kLong, [&] { return condition(fleet_.report(kPipeline)); });
  }

  SystemClock clock_;
  Fleet fleet_{{}, clock_};
  OneToken authenticator_;
  ControlCertificates certificates_ = make_certificates();
  std::atomic<bool> accepting_{true};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<ControlServer> server_;
};

TEST_F(ControlServerTest, ConfigurationGoesDownAndItsResultComesUp) {
  start();
  fleet_.want(kPipeline, {{"old", "{}"}, ConfigVersion{"old", "{}"}});
  TestWorker a = worker();
  a.hello("old");
  ASSERT_TRUE(eventually([](const FleetReport& report) { return report.workers.size() == 1; }));
  fleet_.want(kPipeline, {{"new", "{}"}, ConfigVersion{"old", "{}"}});
  EXPECT_EQ(a.next_config(), "new");
  a.accept("new");
  EXPECT_TRUE(eventually([](const FleetReport& report) { return report.phase == RolloutPhase::kAccepted; }));
}

TEST_F(ControlServerTest, CountersComeUp) {
  start();
  TestWorker a = worker();
  a.hello("h");
  v1::WorkerMessage message;
  message.mutable_report()->set_hash("h");
  message.mutable_report()->set_uptime_seconds(1);
  message.mutable_report()->add_receivers()->add_counters()->set_received(42);
  ASSERT_TRUE(a.write(message));
  EXPECT_TRUE(eventually([](const FleetReport& report) { return report.per_minute.received == 42; }));
}

TEST_F(ControlServerTest, WorkerThatHangsUpIsNoLongerCounted) {
  start();
  TestWorker a = worker();
  a.hello("h");
  ASSERT_TRUE(eventually([](const FleetReport& report) { return report.workers.size() == 1; }));
  a.hang_up();
  EXPECT_TRUE(eventually([](const FleetReport& report) { return report.workers.empty(); }));
  (void)a.end();
}

TEST_F(ControlServerTest, CallerWithoutAGoodTokenIsRefused) {
  start();
  TestWorker a = worker("bad");
  a.hello("h");
  const grpc::Status status = a.end();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(fleet_.connected(), 0U);
}

TEST_F(ControlServerTest, FirstMessageHasToBeHelloAndOnlyTheFirst) {
  start();
  TestWorker rude = worker();
  rude.accept("h");
  EXPECT_EQ(rude.end().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  TestWorker twice = worker();
  twice.hello("h");
  twice.hello("h");
  EXPECT_EQ(twice.end().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(ControlServerTest, SilentCallerIsSentAway) {
  start({.hello_timeout = Duration::zero()});
  TestWorker a = worker();
  EXPECT_EQ(a.end().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST_F(ControlServerTest, StreamsAreBounded) {
  start({.max_streams = 1});
  TestWorker first = worker();
  first.hello("h");
  ASSERT_TRUE(eventually([](const FleetReport& report) { return report.workers.size() == 1; }));
  TestWorker second = worker("good", "b");
  EXPECT_EQ(second.end().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(ControlServerTest, MessagesAreBounded) {
  start({.max_message_bytes = 1024});
  TestWorker a = worker();
  a.hello(std::string(4096, 'x'));
  EXPECT_EQ(a.end().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(ControlServerTest, OperatorThatDoesNotLeadSendsWorkersOn) {
  start();
  accepting_ = false;
  TestWorker a = worker();
  a.hello("h");
  EXPECT_EQ(a.end().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(ControlServerTest, CallerThatTrustsAnotherAuthorityDoesNotConnect) {
  start();
  TestWorker a(server_->port(), make_certificates().ca.certificate_pem, "good");
  a.hello("h");
  EXPECT_EQ(a.end().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(ControlServerTest, NewCertificateIsShownToNewConnectionsWithoutARestart) {
  start();
  TestWorker before = worker();
  before.hello("h");
  ASSERT_TRUE(eventually([](const FleetReport& report) { return report.workers.size() == 1; }));
  const ControlCertificates next = make_certificates();
  ASSERT_TRUE(server_->use_certificate(next.server));
  // The library looks at its files once a second.
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  bool seen = false;
  while (!seen && std::chrono::steady_clock::now() < deadline) {
    TestWorker after(server_->port(), next.ca.certificate_pem, "bad", "b");
    after.hello("h");
    seen = after.end().error_code() == grpc::StatusCode::UNAUTHENTICATED;
  }
  EXPECT_TRUE(seen);
  EXPECT_EQ(fleet_.connected(), 1U) << "the open stream lives on";
}

TEST_F(ControlServerTest, EndOfTheServerEndsTheStreams) {
  start();
  TestWorker a = worker();
  a.hello("h");
  ASSERT_TRUE(eventually([](const FleetReport& report) { return report.workers.size() == 1; }));
  server_.reset();
  EXPECT_EQ(a.end().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(fleet_.connected(), 0U);
}

TEST_F(ControlServerTest, PortThatIsTakenIsNamed) {
  start();
  const auto second = ControlServer::start(
      {.address = "127.0.0.1", .port = server_->port()}, certificates_.server, fleet_, authenticator_,
      [] { return true; }, Logger());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().where, "127.0.0.1:" + std::to_string(server_->port()));
}

}  // namespace
}  // namespace otlpipe::control
