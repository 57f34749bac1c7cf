#include "worker/transport/http1_server.h"

#include "tests/worker/transport/harness.h"
#include "tests/worker/transport/http2_peer.h"
#include "worker/transport/sniffing_session.h"

namespace otlpipe::worker::transport {
namespace {

using namespace std::chrono_literals;

std::string post(std::string_view path, std::string_view body, std::string_view more = {}) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: t\r\n" + std::string(more) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

// A server session in memory, whose peer and whose clock are the test.
class Http1Server : public testing::Test {
 protected:
  void SetUp() override {
    context_->options.protocol = ServerProtocol::kHttp;
    context_->options.max_message_bytes = 10'000;
    context_->options.max_header_bytes = 2'000;
    context_->handler = handler_;
    context_->budget = budget_;
    context_->decompressor = compression::make_decompressor();
    context_->clock = &clock_;
    session_ = make_http1_server_session(context_, carrier_, "peer:1", now_);
  }
  void send(std::string_view bytes) { session_->receive(as_bytes(bytes)); }
  std::string said() {
    OutputQueue queue;
    session_->produce(queue);
    return FrameReader::flatten(queue);
  }
  // The status codes of all answers since the last call.
  std::vector<int> statuses() {
    const std::string text = said();
    std::vector<int> out;
    for (std::size_t at = text.find("HTTP/1.1 "); at != std::string::npos;
         at = text.find("HTTP/1.1 ", at + 1)) {
      out.push_back(std::stoi(text.substr(at + 9, 3)));
    }
    return out;
  }
  void pass(Duration time) {
    now_ += time;
    session_->tick(now_);
  }

  std::shared_ptr<ServerContext> context_ = std::make_shared<ServerContext>();
  std::shared_ptr<ScriptedHandler> handler_ = std::make_shared<ScriptedHandler>();
  std::shared_ptr<CountingBudget> budget_ = std::make_shared<CountingBudget>(1u << 20);
  SystemClock clock_;
  CountingCarrier carrier_;
  MonotonicTime now_{1h};
  std::unique_ptr<Protocol> session_;
};

using Statuses = std::vector<int>;

TEST_F(Http1Server, RequestFedByteByByteIsAnswered) {
  for (const char c : post("/v1/traces", "hello")) send({&c, 1});
  const std::string answer = said();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\ndate: ")) << answer;
  EXPECT_TRUE(answer.ends_with("content-length: 21\r\n\r\nPOST /v1/traces hello")) << answer;
  EXPECT_TRUE(session_->wants_input());
  EXPECT_EQ(budget_->used, 0u);
}

TEST_F(Http1Server, PipelinedRequestsAreAnsweredOneAfterTheOther) {
  std::vector<HttpResponder> held;
  std::vector<std::string> paths;
  handler_->http = [&](ServerRequest got, HttpResponder respond) {
    paths.push_back(got.path);
    held.push_back(std::move(respond));
  };
  send(post("/1", "a") + post("/2", "b") + post("/3", "c"));
  EXPECT_EQ(paths, std::vector<std::string>{"/1"});
  EXPECT_FALSE(session_->wants_input()) << "the rest waits in the socket";
  held[0](HttpResponse{201, {}, {}});
  EXPECT_EQ(statuses(), Statuses{201});
  EXPECT_EQ(paths.size(), 2u);
  held[0](HttpResponse{500, {}, {}});
  EXPECT_EQ(statuses(), Statuses{}) << "an answer given twice must not answer the next request";
  held[1](HttpResponse{202, {}, {}});
  EXPECT_EQ(statuses(), Statuses{202});
  ASSERT_EQ(held.size(), 3u);
  held[2](HttpResponse{203, {}, {}});
  EXPECT_EQ(statuses(), Statuses{203});
  EXPECT_TRUE(session_->wants_input());
}

TEST_F(Http1Server, ChunkedBodyIsJoinedAndItsCreditIsExact) {
  std::size_t credit = 0;
  std::string body;
  handler_->http = [&](ServerRequest got, HttpResponder respond) {
    credit = got.credit.bytes();
    body = as_text(got.body.view());
    respond({});
  };
  send("POST /x HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n");
  send(" world\r\n0\r\nTrailer: ignored\r\n\r\n");
  EXPECT_EQ(body, "hello world");
  EXPECT_EQ(credit, 11u);
  EXPECT_EQ(statuses(), Statuses{200});
  EXPECT_EQ(budget_->used, 0u);
}

TEST_F(Http1Server, AnnouncedBodyOverTheLimitIs413AtOnceAndCloses) {
  send("POST /x HTTP/1.1\r\nHost: t\r\nContent-Length: 10001\r\n\r\n");
  const std::string answer = said();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 413 ")) << answer;
  EXPECT_NE(answer.find("connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(session_->finished());
  EXPECT_EQ(budget_->peak, 0u);
}

TEST_F(Http1Server, ChunkedBodyThatComesByteByByteIsTaken) {
  const std::string head = "POST /x HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const char c : head + "2\r\nab\r\n0\r\nX: y\r\n\r\n") send(std::string(1, c));
  EXPECT_NE(said().find("POST /x ab"), std::string::npos);
  for (const char c : head + "0\r\n\r\n") send(std::string(1, c));
  EXPECT_EQ(statuses(), Statuses{200});
}

TEST_F(Http1Server, ChunkedBodyOverTheLimitIs413) {
  send("POST /x HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 11; ++i) send("3e8\r\n" + std::string(1000, 'x') + "\r\n");
  EXPECT_EQ(statuses(), Statuses{413});
  EXPECT_EQ(budget_->used, 0u);
  EXPECT_LE(budget_->peak, 10'000u);
}

TEST_F(Http1Server, WithoutBudgetTheAnswerIs503TheBodyIsDroppedAndTheConnectionKept) {
  context_->budget = budget_ = std::make_shared<CountingBudget>(100);
  send(post("/x", std::string(5000, 'x')) + post("/y", "fits"));
  EXPECT_EQ(statuses(), (Statuses{503, 200}));
  EXPECT_FALSE(session_->finished());
  EXPECT_EQ(budget_->used, 0u);
}

TEST_F(Http1Server, RefusalByTheHandlerComesBeforeTheBodyWhichIsDropped) {
  handler_->http_check = [](const ServerRequest& head) -> std::optional<HttpResponse> {
    if (head.path == "/v1/traces") return std::nullopt;
    return HttpResponse{404, {}, "no such path"};
  };
  send("POST /nope HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\n");
  EXPECT_EQ(statuses(), Statuses{404});
  send("0123456789" + post("/v1/traces", "ok"));
  EXPECT_EQ(statuses(), Statuses{200});
}

TEST_F(Http1Server, DroppedBodyIsNotReadForEver) {
  handler_->http_check = [](const ServerRequest&) { return HttpResponse{404, {}, {}}; };
  send("POST /nope HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 11; ++i) send("3e8\r\n" + std::string(1000, 'x') + "\r\n");
  said();
  EXPECT_TRUE(session_->finished());
}

TEST_F(Http1Server, EveryContentEncodingIsInflated) {
  for (const auto encoding :
       {Compression::kGzip, Compression::kDeflate, Compression::kZstd, Compression::kBrotli}) {
    const auto packed = compression::make_compressor()->compress(
        encoding, std::vector<Bytes>{Bytes::from(std::string(9'000, 'q'))});
    send(post("/x", as_text(packed->view()),
              "Content-Encoding: " + std::string(compression::to_string(encoding)) + "\r\n"));
    EXPECT_NE(said().find("POST /x " + std::string(9'000, 'q')), std::string::npos)
        << compression::to_string(encoding);
  }
  EXPECT_EQ(budget_->used, 0u);
}

TEST_F(Http1Server, BombIs413AndNeverTakesMoreThanTheLimit) {
  const auto packed = compression::make_compressor()->compress(
      Compression::kBrotli, std::vector<Bytes>{Bytes::from(std::string(9u << 20, '\0'))});
  send(post("/x", as_text(packed->view()), "Content-Encoding: br\r\n"));
  EXPECT_EQ(statuses(), Statuses{413});
  EXPECT_LE(budget_->peak, 10'000 + packed->size());
  EXPECT_EQ(budget_->used, 0u);
}

TEST_F(Http1Server, UnknownEncodingIsRefusedAndTheConnectionKept) {
  send(post("/x", "body", "Content-Encoding: compress\r\n") + post("/y", "z"));
  EXPECT_EQ(statuses(), (Statuses{415, 200}));
  EXPECT_EQ(handler_->refusals.at(0).code, Code::kUnimplemented);
}

TEST_F(Http1Server, ExpectationIsMetOnlyWhenTheBodyIsWanted) {
  send("POST /x HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(said(), "HTTP/1.1 100 Continue\r\n\r\n");
  send("ok");
  EXPECT_EQ(statuses(), Statuses{200});
  handler_->http_check = [](const ServerRequest&) { return HttpResponse{401, {}, {}}; };
  send("POST /x HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(statuses(), Statuses{401});
  EXPECT_TRUE(session_->finished()) << "whether the body comes is not known";
}

TEST_F(Http1Server, MalformedRequestsAre400AndClose) {
  for (const std::string& bad : {
           std::string("NOT HTTP\r\n\r\n"),
           std::string("POST /x HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
           std::string("POST /x HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\nTransfer-Encoding: "
                       "chunked\r\n\r\n0\r\n\r\n"),
           std::string("POST /x HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
           std::string("POST /x HTTP/1.1\r\nContent-Length: 0\r\n\r\n"),
       }) {
    session_ = make_http1_server_session(context_, carrier_, "peer:1", now_);
    send(bad);
    EXPECT_EQ(statuses(), Statuses{400}) << bad;
    EXPECT_TRUE(session_->finished()) << bad;
  }
}

TEST_F(Http1Server, MalformedRestOfARefusedRequestGetsNoSecondAnswer) {
  send(
      "POST /wrong HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\nContent-Encoding: "
      "pigeon\r\n\r\nzz\r\n");
  EXPECT_EQ(statuses(), Statuses{415});
  EXPECT_TRUE(session_->finished());
}

TEST_F(Http1Server, HeadOverTheLimitIs431) {
  send("POST /x HTTP/1.1\r\nHost: t\r\nX-Long: " + std::string(3'000, 'x') + "\r\n\r\n");
  EXPECT_EQ(statuses(), Statuses{431});
  EXPECT_TRUE(session_->finished());
}

TEST_F(Http1Server, AnswerToHeadHasNoBodyButItsLength) {
  send("HEAD /x HTTP/1.1\r\nHost: t\r\n\r\n");
  const std::string answer = said();
  EXPECT_TRUE(answer.ends_with("content-length: 8\r\n\r\n")) << answer;
}

TEST_F(Http1Server, OlderVersionClosesUnlessItAsksOtherwise) {
  send("POST /x HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n");
  EXPECT_NE(said().find("connection: keep-alive\r\n"), std::string::npos);
  EXPECT_FALSE(session_->finished());
  send("POST /x HTTP/1.0\r\nContent-Length: 0\r\n\r\n");
  EXPECT_NE(said().find("connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(session_->finished());
}

TEST_F(Http1Server, HalfClosedPeerStillGetsItsAnswer) {
  HttpResponder respond;
  handler_->http = [&](ServerRequest, HttpResponder r) { respond = std::move(r); };
  send(post("/x", "y"));
  session_->receive_end();
  EXPECT_FALSE(session_->finished());
  respond({});
  EXPECT_EQ(statuses(), Statuses{200});
  EXPECT_TRUE(session_->finished());
}

TEST_F(Http1Server, StalledBodyIs408AndGivesItsCreditBack) {
  send("POST /x HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n\r\nhalf");
  EXPECT_EQ(budget_->used, 100u);
  pass(1s);
  pass(31s);
  EXPECT_EQ(statuses(), Statuses{408});
  EXPECT_TRUE(session_->finished());
  EXPECT_EQ(budget_->used, 0u);
}

TEST_F(Http1Server, StalledHeadIs408AndAnIdleConnectionJustCloses) {
  send("POST /x HT");
  pass(1s);
  pass(31s);
  EXPECT_EQ(statuses(), Statuses{408});
  session_ = make_http1_server_session(context_, carrier_, "peer:1", now_);
  pass(1s);
  pass(31s);
  EXPECT_FALSE(session_->finished());
  pass(121s);
  EXPECT_EQ(said(), "");
  EXPECT_TRUE(session_->finished());
}

TEST_F(Http1Server, SlowHandlerIsNotAStalledPeer) {
  handler_->http = [&](ServerRequest, HttpResponder) {};
  send(post("/x", "y"));
  for (int i = 0; i < 10; ++i) pass(100s);
  EXPECT_FALSE(session_->finished());
}

TEST_F(Http1Server, DrainClosesIdleConnectionsAndTellsOthersWithTheirAnswer) {
  session_->begin_drain();
  EXPECT_TRUE(session_->finished());
  session_ = make_http1_server_session(context_, carrier_, "peer:1", now_);
  HttpResponder respond;
  handler_->http = [&](ServerRequest, HttpResponder r) { respond = std::move(r); };
  send(post("/x", "y"));
  session_->begin_drain();
  EXPECT_FALSE(session_->finished());
  respond({});
  EXPECT_NE(said().find("connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(session_->finished());
}

TEST_F(Http1Server, LineBreaksInAnAnswersHeadersCannotBeginAnother) {
  handler_->http = [](ServerRequest, HttpResponder respond) {
    respond(HttpResponse{200, {{"x-echo", "a\r\nset-cookie: b"}}, {}});
  };
  send(post("/x", ""));
  EXPECT_NE(said().find("x-echo: a  set-cookie: b\r\n"), std::string::npos);
}

TEST_F(Http1Server, LateAnswerAfterTheConnectionIsGoneDoesNothing) {
  HttpResponder respond;
  handler_->http = [&](ServerRequest, HttpResponder r) { respond = std::move(r); };
  send(post("/x", "y"));
  session_.reset();
  respond({});
}

TEST_F(Http1Server, PrefaceOnTheSamePortIsHttp2AndEverythingElseIsNot) {
  for (const std::string& first :
       {std::string(kPreface), std::string("PUT / HTTP/1.1\r\nHost: t\r\n\r\n"), std::string("P")}) {
    session_ = make_sniffing_session(context_, carrier_, "peer:1", now_);
    for (const char c : first) send({&c, 1});
    const std::string answer = said();
    if (first == kPreface) {
      ASSERT_GT(answer.size(), 9u);
      EXPECT_EQ(answer[3], '\4') << "SETTINGS";
    } else {
      EXPECT_EQ(answer.substr(0, 12), first == "P" ? "" : "HTTP/1.1 200");
    }
  }
  pass(1s);
  pass(121s);
  EXPECT_TRUE(session_->finished()) << "a single letter is no reason to wait for ever";
}

}  // namespace
}  // namespace otlpipe::worker::transport
