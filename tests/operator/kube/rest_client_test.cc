#include "operator/kube/rest_client.h"

#include <atomic>
#include <thread>

#include "operator/kube/credentials.h"
#include "tests/operator/kube/client_contract.h"
#include "tests/support/kube/api_server.h"

namespace otlpipe::kube::testing {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

ClusterConfig config_for(const ApiServer& server, Credential credential = {}) {
  ClusterConfig config;
  config.server = server.url();
  config.ca_pem = server.ca_pem();
  config.origin = "test";
  config.credentials = fixed_credential(std::move(credential));
  return config;
}

std::unique_ptr<Client> client_for(const ClusterConfig& config, RestClientOptions options = {}) {
  options.requests_per_second = 0;
  auto client = make_rest_client(config, options);
  EXPECT_TRUE(client) << client.error().to_string();
  return std::move(*client);
}

ContractWorld plain_world() {
  auto server = std::make_shared<ApiServer>(ApiServer::Options{});
  return {client_for(config_for(*server)), "default", server};
}

ContractWorld mutual_tls_world() {
  auto server = std::make_shared<ApiServer>(ApiServer::Options{.tls = true, .require_client_cert = true});
  const Credential credential{"", server->client_cert_pem(), server->client_key_pem()};
  return {client_for(config_for(*server, credential)), "default", server};
}

INSTANTIATE_TEST_SUITE_P(Rest, ClientContract,
                         ::testing::Values(ContractParam{"rest", plain_world},
                                           ContractParam{"restMutualTls", mutual_tls_world}),
                         [](const auto& tested) { return tested.param.name; });

const ObjectKey kKey{"default", "x"};

class RestClientTest : public ::testing::Test {
 protected:
  Error error_of(const Result<Json>& result) {
    EXPECT_FALSE(result);
    return result ? Error{} : result.error();
  }
  ApiServer server_{ApiServer::Options{}};
};

TEST_F(RestClientTest, ConnectionsAreUsedAgain) {
  const auto client = client_for(config_for(server_));
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(client->get_raw("/version"));
  // The library gives a connection back a moment after the answer was read, so a quick caller may need
  // another one.
  EXPECT_LE(server_.connections(), 8);
}

TEST_F(RestClientTest, RetryAfterOfAnOverloadedServerReachesTheCaller) {
  server_.intercept("configmaps",
                    {.status = 429, .body = "slow down", .extra_headers = "Retry-After: 7\r\n"});
  const Error error = error_of(client_for(config_for(server_))->get(config_maps(), kKey));
  EXPECT_EQ(error.code, Code::kResourceExhausted);
  EXPECT_EQ(error.retry.kind, Retry::Kind::kAfter);
  EXPECT_EQ(error.retry.delay, 7s);
  EXPECT_EQ(error.where, "GET " + server_.url() + "/api/v1/namespaces/default/configmaps/x");
}

TEST_F(RestClientTest, ServerThatSaysNothingIsADeadlineExceeded) {
  server_.intercept("configmaps", {.hang = true});
  const auto client = client_for(config_for(server_), {.request_timeout = 200ms});
  const Error error = error_of(client->get(config_maps(), kKey));
  EXPECT_EQ(error.code, Code::kDeadlineExceeded) << error.to_string();
  EXPECT_TRUE(error.retry.allowed());
}

TEST_F(RestClientTest, BodyThatTricklesForEverEndsAtTheDeadline) {
  server_.intercept("configmaps", {.body = "{\"a\":", .stream = true});
  const auto client = client_for(config_for(server_), {.request_timeout = 200ms});
  EXPECT_EQ(error_of(client->get(config_maps(), kKey)).code, Code::kDeadlineExceeded);
}

TEST_F(RestClientTest, AnswerBeyondTheLimitIsRefused) {
  server_.intercept("configmaps", {.body = std::string(1 << 20, ' ')});
  const auto client = client_for(config_for(server_), {.max_response_bytes = 1000});
  EXPECT_EQ(error_of(client->get(config_maps(), kKey)).code, Code::kResourceExhausted);
}

TEST_F(RestClientTest, AnswerThatIsNotJsonIsDataLoss) {
  server_.intercept("configmaps", {.body = "<html>login</html>"});
  const Error error = error_of(client_for(config_for(server_))->get(config_maps(), kKey));
  EXPECT_EQ(error.code, Code::kDataLoss);
  EXPECT_NE(error.message.find("<html>"), std::string::npos) << error.message;
}

TEST_F(RestClientTest, RedirectionIsNotFollowed) {
  server_.intercept("configmaps", {.status = 302, .extra_headers = "Location: http://127.0.0.1:1/\r\n"});
  const Error error = error_of(client_for(config_for(server_))->get(config_maps(), kKey));
  EXPECT_NE(error.message.find("302"), std::string::npos) << error.to_string();
}

TEST_F(RestClientTest, NobodyListeningIsUnavailableWithTheUrl) {
  ClusterConfig config = config_for(server_);
  config.server = "http://127.0.0.1:1";
  const Error error = error_of(client_for(config)->get(config_maps(), kKey));
  EXPECT_EQ(error.code, Code::kUnavailable);
  EXPECT_NE(error.where.find("http://127.0.0.1:1/api"), std::string::npos) << error.where;
}

TEST_F(RestClientTest, DroppedConnectionEndsAWatchWithAnError) {
  const auto client = client_for(config_for(server_));
  WatchOptions options;
  options.resource_version = "1000";
  std::jthread dropper([this] {
    server_.fake().await_watches(1);
    server_.drop_connections();
  });
  const Status ended = client->watch(config_maps(), options, [](WatchEventType, Json&&) {}, {});
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Code::kUnavailable) << ended.error().to_string();
}

TEST_F(RestClientTest, SilentWatchEndsAtTheIdleTimeout) {
  server_.intercept("watch=true", {.body = "", .stream = true});
  const auto client = client_for(config_for(server_));
  WatchOptions options;
  options.idle_timeout = 1s;
  const auto began = std::chrono::steady_clock::now();
  const Status ended = client->watch(config_maps(), options, [](WatchEventType, Json&&) {}, {});
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Code::kDeadlineExceeded) << ended.error().to_string();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
}

TEST_F(RestClientTest, ClientWhoseWatchWasStoppedEndsAtOnce) {
  auto client = client_for(config_for(server_));
  std::stop_source stop;
  std::jthread stopper([&] {
    server_.fake().await_watches(1);
    stop.request_stop();
  });
  const Status ended = client->watch(config_maps(), {}, [](WatchEventType, Json&&) {}, stop.get_token());
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Code::kCancelled);
  const auto began = std::chrono::steady_clock::now();
  client.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 3s) << "the library still holds the request";
}

TEST_F(RestClientTest, WatchEventsArriveInPiecesAndErrorEventsEndIt) {
  server_.intercept(
      "watch=true",
      {.body = "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\"}}}\n"
               "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\","
               "\"message\":\"too old\"}}\n",
       .stream = true});
  const auto client = client_for(config_for(server_));
  std::vector<std::string> seen;
  const Status ended = client->watch(
      config_maps(), {}, [&](WatchEventType, Json&& object) { seen.emplace_back(name(object)); }, {});
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Code::kOutOfRange);
  EXPECT_EQ(seen, std::vector<std::string>{"a"});
}

TEST_F(RestClientTest, OversizedWatchEventEndsTheWatch) {
  server_.intercept("watch=true", {.body = std::string(5000, 'x'), .stream = true});
  const auto client = client_for(config_for(server_), {.max_event_bytes = 1000});
  const Status ended = client->watch(config_maps(), {}, [](WatchEventType, Json&&) {}, {});
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Code::kDataLoss);
}

TEST_F(RestClientTest, SlowWatcherGetsEveryEventInOrder) {
  const auto client = client_for(config_for(server_));
  constexpr int kEvents = 400;
  const std::string bulk(4000, 'b');  // together far beyond the window
  WatchOptions options;
  options.resource_version = "100";
  std::stop_source stop;
  std::jthread writer([&] {
    server_.fake().await_watches(1);
    for (int i = 0; i < kEvents; ++i) {
      server_.fake().edit(config_maps(), {"default", std::to_string(i)},
                          [&](Json& o) { o["data"]["b"] = bulk; });
    }
  });
  int next = 0;
  const Status ended = client->watch(
      config_maps(), options,
      [&](WatchEventType, Json&& object) {
        EXPECT_EQ(name(object), std::to_string(next));
        if (next % 100 == 0) std::this_thread::yield();
        if (++next == kEvents) stop.request_stop();
      },
      stop.get_token());
  EXPECT_EQ(next, kEvents);
  EXPECT_EQ(ended.error().code, Code::kCancelled);
}

TEST_F(RestClientTest, RateLimitSpreadsRequestsBeyondTheBurst) {
  auto made = make_rest_client(config_for(server_), {.requests_per_second = 50, .burst = 1});
  ASSERT_TRUE(made);
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 6; ++i) EXPECT_TRUE((*made)->get_raw("/version"));
  EXPECT_GE(std::chrono::steady_clock::now() - began, 99ms);
}

// Gives another token after each invalidate().
class Rotating final : public CredentialSource {
 public:
  Result<Credential> get() override { return Credential{"token-" + std::to_string(round_), "", ""}; }
  void invalidate() override { ++round_; }

 private:
  std::atomic<int> round_{0};
};

TEST_F(RestClientTest, RefusedTokenIsAskedForAgainOnce) {
  server_.set_token("token-1");
  ClusterConfig config = config_for(server_);
  config.credentials = std::make_shared<Rotating>();
  const auto client = client_for(config);
  EXPECT_TRUE(client->get_raw("/version"));
  server_.set_token("other");
  EXPECT_EQ(error_of(client->get_raw("/version")).code, Code::kUnauthenticated);
}

TEST(RestClientTls, WrongAuthorityIsNamed) {
  ApiServer server({.tls = true});
  const ApiServer other({.tls = true});
  ClusterConfig config = config_for(server);
  config.ca_pem = other.ca_pem();
  const auto got = client_for(config)->get_raw("/version");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Code::kUnavailable);
  EXPECT_NE(got.error().message.find("certificate"), std::string::npos) << got.error().message;
}

TEST(RestClientTls, CertificateForAnotherHostIsRefusedUnlessTheNameIsConfigured) {
  ApiServer server({.tls = true, .ips = {}, .names = {"api.example"}});
  ClusterConfig config = config_for(server);
  const auto refused = client_for(config)->get_raw("/version");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("not valid for this host name"), std::string::npos)
      << refused.error().message;
  config.tls_server_name = "api.example";
  const auto named = client_for(config)->get_raw("/version");
  EXPECT_TRUE(named) << named.error().to_string();
}

TEST(RestClientTls, SkippedVerificationTakesAnyCertificate) {
  ApiServer server({.tls = true, .ips = {}, .names = {"api.example"}});
  ClusterConfig config = config_for(server);
  config.ca_pem.clear();
  config.insecure_skip_tls_verify = true;
  const auto got = client_for(config)->get_raw("/version");
  EXPECT_TRUE(got) << got.error().to_string();
}

TEST(RestClientTls, MissingClientCertificateIsAnErrorNotAHang) {
  ApiServer server({.tls = true, .require_client_cert = true});
  const auto got = client_for(config_for(server))->get_raw("/version");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Code::kUnavailable) << got.error().to_string();
}

TEST(MakeRestClient, UnusableConfigurationIsNamedBeforeAnyRequest) {
  ClusterConfig config;
  config.origin = "context \"c\" of /k";
  config.credentials = fixed_credential({});
  config.server = "10.0.0.1:6443";
  EXPECT_NE(make_rest_client(config, {}).error().message.find("https://"), std::string::npos);
  config.server = "https://10.0.0.1:6443";
  config.ca_pem = "-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n";
  const auto broken = make_rest_client(config, {});
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().message.find("authority"), std::string::npos) << broken.error().message;
  EXPECT_EQ(broken.error().where, config.origin);
}

}  // namespace
}  // namespace otlpipe::kube::testing
