#include "tests/worker/transport/harness.h"

namespace otlpipe::worker::transport {
namespace {

constexpr const char* kExportMethod = "/otlpipe.test.Echo/Call";

using GrpcContract = TransportTest;

TEST_F(GrpcContract, MessageComesBackWithStatusOk) {
  const auto server = listen_grpc();
  const auto client = core_->connect(to(*server, true));
  const auto answer = exchange(*client, request(kExportMethod, "hello"));
  ASSERT_TRUE(answer) << answer.error().to_string();
  EXPECT_EQ(answer->http_status, 200);
  EXPECT_EQ(answer->grpc.code, 0);
  EXPECT_EQ(answer->body, "hello");
  EXPECT_EQ(server->stats().requests, 1u);
}

TEST_F(GrpcContract, EmptyMessageIsAMessage) {
  const auto server = listen_grpc();
  const auto client = core_->connect(to(*server, true));
  const auto answer = exchange(*client, request(kExportMethod, ""));
  ASSERT_TRUE(answer) << answer.error().to_string();
  EXPECT_EQ(answer->grpc.code, 0);
  EXPECT_EQ(answer->body, "");
}

TEST_F(GrpcContract, LargeBodyInManyPartsArrivesWholeAndGivesItsCreditBack) {
  const auto server = listen_grpc();
  const auto client = core_->connect(to(*server, true));
  std::string expected;
  ClientRequest large = request(kExportMethod, "");
  for (int i = 0; i < 3000; ++i) {
    const std::string part(static_cast<std::size_t>(1 + i), static_cast<char>('a' + i % 26));
    expected += part;
    large.body.push_back(Bytes::from(part));
  }
  std::size_t credit = 0;
  std::size_t hash = 0;
  handler_->grpc = [&](ServerRequest got, GrpcResponder respond) {
    credit = got.credit.bytes();
    hash = std::hash<std::string_view>()(as_text(got.body.view()));
    respond(GrpcStatus{}, "done");
  };
  const auto answer = exchange(*client, std::move(large));
  ASSERT_TRUE(answer) << answer.error().to_string();
  EXPECT_EQ(answer->body, "done");
  EXPECT_EQ(credit, expected.size());
  EXPECT_EQ(hash, std::hash<std::string_view>()(expected));
  EXPECT_EQ(budget_->used, 0u);
}

TEST_F(GrpcContract, TwoHundredRequestsInFlightOnOneConnectionAnsweredInReverse) {
  const auto server = listen_grpc();
  ClientOptions options = to(*server, true);
  options.max_connections = 1;
  options.max_requests_per_connection = 1000;
  const auto client = core_->connect(options);
  constexpr int kCount = 200;
  std::vector<std::pair<GrpcResponder, std::string>> held;
  const std::function<void()> answer_last = [&] {
    held.back().first(GrpcStatus{}, held.back().second);
    held.pop_back();
    if (!held.empty()) core_->loop().post(answer_last);
  };
  handler_->grpc = [&](ServerRequest got, GrpcResponder respond) {
    held.emplace_back(std::move(respond), std::string(as_text(got.body.view())));
    if (held.size() == kCount) answer_last();
  };
  std::vector<int> answered;
  for (int i = 0; i < kCount; ++i) {
    client->call(request(kExportMethod, std::to_string(i)), [&, i](Result<ClientResponse> result) {
      ASSERT_TRUE(result) << result.error().to_string();
      EXPECT_EQ(result->body, std::to_string(i));
      answered.push_back(i);
      if (answered.size() == kCount) finish();
    });
  }
  run();
  ASSERT_EQ(answered.size(), static_cast<std::size_t>(kCount));
  EXPECT_EQ(server->stats().connections_opened, 1u);
  EXPECT_GT(answered.front(), answered.back()) << "answers were put back in order";
}

TEST_F(GrpcContract, StatusWithMessageAndDetailsSurvivesTheHeaders) {
  const auto server = listen_grpc();
  const auto client = core_->connect(to(*server, true));
  const GrpcStatus status{14, "überlastet: 100 %\n", std::string("\x08\x0e\x00\xff", 4)};
  handler_->grpc = [&](ServerRequest, GrpcResponder respond) { respond(status, "not sent"); };
  const auto answer = exchange(*client, request(kExportMethod, "x"));
  ASSERT_TRUE(answer) << answer.error().to_string();
  EXPECT_EQ(answer->grpc.code, 14);
  EXPECT_EQ(answer->grpc.message, status.message);
  EXPECT_EQ(answer->grpc.details, status.details);
  EXPECT_EQ(answer->body, "");
}

TEST_F(GrpcContract, RefusedConnectionIsUnavailable) {
  std::uint16_t port = 0;
  {
    const auto server = listen_grpc();
    port = server->port();
  }
  ClientOptions options;
  options.host = "127.0.0.1";
  options.port = port;
  const auto client = core_->connect(options);
  const auto answer = exchange(*client, request(kExportMethod, "x"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kUnavailable);
  EXPECT_TRUE(answer.error().retry.allowed());
}

}  // namespace
}  // namespace otlpipe::worker::transport
