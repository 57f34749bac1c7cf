// The whole operator in this process, before an API server over HTTPS.
#include "operator/app/operator.h"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "operator/api/pipeline.h"
#include "operator/kube/resources.h"
#include "tests/support/kube/api_server.h"

namespace otlpipe::app {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr std::chrono::seconds kLong{30};  // only ever waited for in full when something is broken

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  return fd;
}

std::string http_get(std::uint16_t port, const std::string& path) {
  const int fd = connect_to(port);
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  EXPECT_EQ(::write(fd, request.data(), request.size()), static_cast<ssize_t>(request.size()));
  std::string answer;
  std::array<char, 4096> buffer{};
  ssize_t n = 0;
  while ((n = ::read(fd, buffer.data(), buffer.size())) > 0) {
    answer.append(buffer.data(), static_cast<std::size_t>(n));
  }
  ::close(fd);
  return answer;
}

class OperatorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string folder = ::testing::TempDir() + "operator-test-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    folder_ = folder;
  }
  void TearDown() override {
    stop_.request_stop();
    if (thread_.joinable()) {
      thread_.join();
    }
    std::filesystem::remove_all(folder_);
  }

  Options options(const std::string& server_url) {
    const std::string path = folder_ + "/kubeconfig";
    std::ofstream(path)
        << "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
           "clusters: [{name: c, cluster: {server: \"" +
               server_url +
               "\"}}]\n"
               "users: [{name: u, user: {token: t}}]\n"
               "contexts: [{name: c, context: {cluster: c, user: u, namespace: otlpipe-system}}]\n";
    Options result;
    result.kubeconfig = path;
    result.metrics = result.health = result.control = Bind{.address = "127.0.0.1", .port = 0};
    result.control_endpoint = "localhost:9443";
    return result;
  }
  void start(const Options& with) {
    auto created = Operator::create(with, "0.1.0", Logger());
    ASSERT_TRUE(created) << created.error().to_string();
    operator_ = std::move(*created);
    thread_ = std::thread([this] { result_ = operator_->run(stop_.get_token()); });
  }
  // Asks the operator itself again and again: there is nothing else outside of it to wait on.
  bool eventually(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + kLong;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) {
        return false;
      }
      std::this_thread::yield();
    }
    return true;
  }
  std::string health(const std::string& path) { return http_get(operator_->ports().health, path); }
  std::string ready_answer(const std::string& wanted) {
    std::string last;
    (void)eventually([&] {
      last = health("/readyz");
      return last.find(wanted) != std::string::npos;
    });
    return last;
  }
  static void put_pipeline(kube::testing::FakeClient& fake) {
    fake.edit(api::otlp_pipelines(), {"ns", "gateway"}, [](json& object) {
      object["apiVersion"] = "otlpipe.io/v1alpha1";
      object["kind"] = "OtlpPipeline";
      object["spec"] = json::parse(R"({
        "receivers": [{"name": "otlp", "otlp": {}}],
        "exporters": [{"name": "print", "debug": {}}],
        "pipelines": [{"name": "all", "receivers": ["otlp"], "exporters": ["print"]}]})");
    });
  }

  std::string folder_;
  std::unique_ptr<Operator> operator_;
  std::stop_source stop_;
  std::thread thread_;
  Status result_;
};

TEST_F(OperatorTest, PipelineBecomesADeploymentAndTheEndpointsTellOfIt) {
  kube::testing::ApiServer server({});
  start(options(server.url()));
  EXPECT_THAT(ready_answer("200 OK"), HasSubstr("200 OK"));
  put_pipeline(server.fake());
  EXPECT_TRUE(
      eventually([&] { return !server.fake().peek(kube::deployments(), {"ns", "gateway"}).is_null(); }));
  EXPECT_TRUE(eventually([&] {
    return http_get(operator_->ports().metrics, "/metrics")
               .find("otlpipe_operator_pipelines{phase=\"Pending\"} 1") != std::string::npos;
  }));
  EXPECT_THAT(health("/livez"), HasSubstr("200 OK"));
  EXPECT_FALSE(server.fake().peek(kube::secrets(), {"otlpipe-system", "otlpipe-operator-tls"}).is_null());
  EXPECT_EQ(
      kube::find_string(server.fake().peek(kube::leases(), {"otlpipe-system", "otlpipe-operator"}), "kind"),
      "Lease");
  stop_.request_stop();
  thread_.join();
  EXPECT_TRUE(result_) << result_.error().to_string();
}

TEST_F(OperatorTest, NamespacedOperatorSeesOneNamespaceOnly) {
  kube::testing::ApiServer server({});
  put_pipeline(server.fake());
  Options with = options(server.url());
  with.ns = "elsewhere";
  start(with);
  EXPECT_THAT(ready_answer("200 OK"), HasSubstr("200 OK"));
  for (const auto& call : server.fake().calls(true)) {
    if (call.verb == "list") {
      EXPECT_EQ(call.key.ns, "elsewhere") << call.resource.kind;
    }
  }
}

TEST_F(OperatorTest, ApiServerThatDoesNotAnswerIsToldByReadinessAndTheOperatorLivesOn) {
  Options with = options("http://127.0.0.1:1");  // nobody listens there
  start(with);
  EXPECT_THAT(ready_answer("otlppipelines: "), HasSubstr("503"));
  EXPECT_THAT(health("/livez"), HasSubstr("200 OK"));
  stop_.request_stop();
  thread_.join();
  EXPECT_TRUE(result_) << result_.error().to_string();
}

TEST_F(OperatorTest, MissingPermissionIsToldWithVerbAndResource) {
  kube::testing::ApiServer server({});
  server.fake().set_fault([](const kube::testing::Call& call) -> std::optional<Error> {
    if (call.resource == kube::pod_disruption_budgets()) {
      return Error{Code::kPermissionDenied,
                   "poddisruptionbudgets.policy is forbidden: User \"x\" cannot list resource "
                   "\"poddisruptionbudgets\""};
    }
    return std::nullopt;
  });
  start(options(server.url()));
  EXPECT_THAT(ready_answer("cannot list resource"), HasSubstr("poddisruptionbudgets: "));
}

TEST_F(OperatorTest, PortThatIsTakenIsNamedWithItsFlag) {
  kube::testing::ApiServer server({});
  Options with = options(server.url());
  with.metrics.port = server.port();
  const auto created = Operator::create(with, "0.1.0", Logger());
  ASSERT_FALSE(created);
  EXPECT_THAT(created.error().to_string(), HasSubstr("--metrics-bind"));
  EXPECT_THAT(created.error().to_string(), HasSubstr(std::to_string(server.port())));
}

TEST_F(OperatorTest, ControlPortThatIsTakenEndsTheRun) {
  kube::testing::ApiServer server({});
  Options with = options(server.url());
  with.control.port = server.port();
  start(with);
  thread_.join();
  ASSERT_FALSE(result_);
  EXPECT_THAT(result_.error().to_string(), HasSubstr("--control-bind"));
}

TEST_F(OperatorTest, KubeconfigThatCannotBeUsedIsNamed) {
  Options with;
  with.kubeconfig = folder_ + "/missing";
  const auto created = Operator::create(with, "0.1.0", Logger());
  ASSERT_FALSE(created);
  EXPECT_THAT(created.error().to_string(), HasSubstr(with.kubeconfig));
}

}  // namespace
}  // namespace otlpipe::app
