#include "tests/worker/transport/harness.h"

namespace otlpipe::worker::transport {
namespace {

using HttpContract = TransportTest;

TEST_F(HttpContract, RequestIsAnswered) {
  const auto server = listen_http();
  const auto client = core_->connect(to(*server, false));
  const auto answer = exchange(*client, request("/v1/traces", "spans"));
  ASSERT_TRUE(answer) << answer.error().to_string();
  EXPECT_EQ(answer->http_status, 200);
  EXPECT_EQ(answer->body, "POST /v1/traces spans");
  EXPECT_EQ(find_header(answer->headers, "content-type"), "text/plain");
  EXPECT_FALSE(find_header(answer->headers, "date").empty());
}

TEST_F(HttpContract, ConnectionIsKeptForTheNextRequest) {
  const auto server = listen_http();
  const auto client = core_->connect(to(*server, false));
  for (int i = 0; i < 3; ++i) {
    const auto answer = exchange(*client, request("/v1/logs", std::to_string(i)));
    ASSERT_TRUE(answer) << answer.error().to_string();
    EXPECT_EQ(answer->body, "POST /v1/logs " + std::to_string(i));
  }
  EXPECT_EQ(server->stats().connections_opened, 1u);
  EXPECT_EQ(server->stats().requests, 3u);
}

TEST_F(HttpContract, LargeBodyInManyPartsArrivesWholeAndGivesItsCreditBack) {
  const auto server = listen_http();
  const auto client = core_->connect(to(*server, false));
  ClientRequest large = request("/v1/traces", "");
  std::size_t total = 0;
  for (int i = 0; i < 2000; ++i) {
    large.body.push_back(Bytes::from(std::string(static_cast<std::size_t>(2 * i + 1), 'x')));
    total += static_cast<std::size_t>(2 * i + 1);
  }
  std::size_t credit = 0;
  handler_->http = [&](ServerRequest got, HttpResponder respond) {
    credit = got.credit.bytes();
    HttpResponse response;
    response.body = std::to_string(got.body.size());
    respond(std::move(response));
  };
  const auto answer = exchange(*client, std::move(large));
  ASSERT_TRUE(answer) << answer.error().to_string();
  EXPECT_EQ(answer->body, std::to_string(total));
  EXPECT_EQ(credit, total);
  EXPECT_EQ(budget_->used, 0u);
}

}  // namespace
}  // namespace otlpipe::worker::transport
