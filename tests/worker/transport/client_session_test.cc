#include "worker/transport/client_session.h"

#include "tests/worker/transport/harness.h"
#include "tests/worker/transport/http2_peer.h"

namespace otlpipe::worker::transport {
namespace {

using namespace std::chrono_literals;

struct RecordingEvents final : ClientSessionEvents {
  void on_answer(ClientCallPtr call, Result<ClientResponse> result) override {
    answers.emplace_back(std::move(call), std::move(result));
  }
  void on_unprocessed(ClientCallPtr call, const Error&) override { unprocessed.push_back(std::move(call)); }
  void on_capacity() override {}

  std::vector<std::pair<ClientCallPtr, Result<ClientResponse>>> answers;
  std::vector<ClientCallPtr> unprocessed;
};

// A client session in memory, whose peer and whose clock are the test.
class ClientSessionTest : public testing::Test {
 protected:
  using Make = ClientSessionParts (*)(std::shared_ptr<const ClientContext>, ClientSessionEvents&, Carrier&,
                                      MonotonicTime);

  void open(Make make) {
    auto context = std::make_shared<ClientContext>();
    context->options.authority = "backend:4317";
    context->options.max_response_bytes = 1'000;
    context->options.max_requests_per_connection = 10;
    context->decompressor = compression::make_decompressor();
    session_ = make(context, events_, carrier_, now_);
  }
  ClientCallPtr start(const std::string& body, Compression compression = Compression::kNone) {
    auto call = std::make_shared<ClientCall>();
    call->request.path = "/otlpipe.test.Echo/Call";
    call->request.body.push_back(Bytes::from(body));
    call->request.compression = compression;
    call->request.timeout = 2500ms;
    call->body_bytes = body.size();
    session_.calls->start(call);
    return call;
  }
  void send(std::string_view bytes) { session_.protocol->receive(as_bytes(bytes)); }
  std::vector<Frame> said() { return reader_.drain(*session_.protocol); }
  std::vector<Frame> said_of(FrameType type) {
    std::vector<Frame> out;
    for (Frame& f : said()) {
      if (f.type == type) out.push_back(std::move(f));
    }
    return out;
  }
  std::string said_text() {
    OutputQueue queue;
    session_.protocol->produce(queue);
    return FrameReader::flatten(queue);
  }
  void pass(Duration time) {
    now_ += time;
    session_.protocol->tick(now_);
  }
  const Result<ClientResponse>& answer(std::size_t at = 0) { return events_.answers.at(at).second; }

  RecordingEvents events_;
  CountingCarrier carrier_;
  MonotonicTime now_{1h};
  FrameReader reader_;
  ClientSessionParts session_;
};

const HeaderList kOkHead{{":status", "200"}, {"content-type", "application/grpc"}};

class Http2Client : public ClientSessionTest {
 protected:
  void SetUp() override {
    open(make_http2_client_session);
    send(settings() + settings_ack());
  }
};

TEST_F(Http2Client, CallIsWrittenAsGrpcWantsIt) {
  start("hello", Compression::kGzip);
  const auto frames = said();
  const auto& head = frames.at(frames.size() - 2).headers;
  EXPECT_EQ(head.at(":method"), "POST");
  EXPECT_EQ(head.at(":scheme"), "http");
  EXPECT_EQ(head.at(":path"), "/otlpipe.test.Echo/Call");
  EXPECT_EQ(head.at(":authority"), "backend:4317");
  EXPECT_EQ(head.at("te"), "trailers");
  EXPECT_EQ(head.at("content-type"), "application/grpc");
  EXPECT_EQ(head.at("grpc-timeout"), "2500m");
  EXPECT_EQ(head.at("grpc-encoding"), "gzip");
  EXPECT_EQ(frames.back().payload, grpc_message("hello", true));
  EXPECT_TRUE(frames.back().ends_stream());
}

TEST_F(Http2Client, AnswerWithMessageAndTrailers) {
  start("x");
  said();
  send(headers_frame(1, kOkHead) + frame(kData, 0, 1, grpc_message("ans")) +
       headers_frame(1, {{"grpc-status", "0"}, {"x-extra", "y"}}, true));
  ASSERT_TRUE(answer());
  EXPECT_EQ(answer()->body, "ans");
  EXPECT_EQ(find_header(answer()->headers, "x-extra"), "y");
}

TEST_F(Http2Client, TrailersOnlyAnswerCarriesMessageAndDetails) {
  start("x");
  said();
  send(headers_frame(1,
                     {{":status", "200"},
                      {"content-type", "application/grpc"},
                      {"grpc-status", "8"},
                      {"grpc-message", "zu%20gro%C3%9F"},
                      {"grpc-status-details-bin", "CAgSAg=="}},
                     true));
  ASSERT_TRUE(answer());
  EXPECT_EQ(answer()->grpc.code, 8);
  EXPECT_EQ(answer()->grpc.message, "zu groß");
  EXPECT_EQ(answer()->grpc.details, "\x08\x08\x12\x02");
}

TEST_F(Http2Client, HttpStatusWithoutGrpcStatusIsMappedAndItsBodyIgnored) {
  start("x");
  said();
  send(headers_frame(1, {{":status", "503"}, {"content-type", "text/html"}}) +
       frame(kData, kEndStream, 1, "<html>"));
  ASSERT_TRUE(answer());
  EXPECT_EQ(answer()->http_status, 503);
  EXPECT_EQ(answer()->grpc.code, 14);
  EXPECT_EQ(answer()->body, "");
}

TEST_F(Http2Client, InformationalAnswerIsFollowedByTheRealOne) {
  start("x");
  said();
  send(headers_frame(1, {{":status", "103"}, {"link", "z"}}) + headers_frame(1, kOkHead) +
       frame(kData, 0, 1, grpc_message("")) + headers_frame(1, {{"grpc-status", "0"}}, true));
  ASSERT_TRUE(answer());
  EXPECT_EQ(answer()->http_status, 200);
  EXPECT_EQ(find_header(answer()->headers, "link"), "");
}

TEST_F(Http2Client, CompressedAnswerIsInflatedWithinTheLimit) {
  const auto packed = compression::make_compressor()->compress(
      Compression::kGzip, std::vector<Bytes>{Bytes::from(std::string(900, 'a'))});
  const auto bomb = compression::make_compressor()->compress(
      Compression::kGzip, std::vector<Bytes>{Bytes::from(std::string(5'000, 'a'))});
  start("x");
  start("y");
  said();
  HeaderList head = kOkHead;
  head.emplace_back("grpc-encoding", "gzip");
  send(headers_frame(1, head) + frame(kData, 0, 1, grpc_message(as_text(packed->view()), true)) +
       headers_frame(1, {{"grpc-status", "0"}}, true));
  send(headers_frame(3, head) + frame(kData, 0, 3, grpc_message(as_text(bomb->view()), true)) +
       headers_frame(3, {{"grpc-status", "0"}}, true));
  ASSERT_TRUE(answer(0));
  EXPECT_EQ(answer(0)->body, std::string(900, 'a'));
  ASSERT_FALSE(answer(1));
  EXPECT_EQ(answer(1).error().code, Code::kResourceExhausted);
}

TEST_F(Http2Client, AnswerOverTheLimitOrCutShortIsAnError) {
  start("x");
  start("y");
  said();
  send(headers_frame(1, kOkHead) + frame(kData, 0, 1, grpc_message(std::string(1'001, 'x'))) +
       headers_frame(1, {{"grpc-status", "0"}}, true));
  send(headers_frame(3, kOkHead) + frame(kData, 0, 3, "\0\0") +
       headers_frame(3, {{"grpc-status", "0"}}, true));
  ASSERT_FALSE(answer(0));
  EXPECT_EQ(answer(0).error().code, Code::kResourceExhausted);
  EXPECT_FALSE(answer(1));
}

TEST_F(Http2Client, GoawayGivesBackWhatThePeerDidNotTakeAndWaitsForTheRest) {
  const auto taken = start("a");
  const auto not_taken = start("b");
  said();
  send(frame(kGoaway, 0, 0, big_endian(1, 4) + big_endian(0, 4)));
  ASSERT_EQ(events_.unprocessed.size(), 1u);
  EXPECT_EQ(events_.unprocessed[0], not_taken);
  EXPECT_FALSE(session_.calls->open_for_more());
  EXPECT_EQ(session_.calls->capacity(), 0u);
  EXPECT_FALSE(session_.protocol->finished());
  send(headers_frame(1, kOkHead) + frame(kData, 0, 1, grpc_message("ok")) +
       headers_frame(1, {{"grpc-status", "0"}}, true));
  EXPECT_EQ(events_.answers.at(0).first, taken);
  said();
  EXPECT_TRUE(session_.protocol->finished());
}

TEST_F(Http2Client, RefusedStreamMayGoElsewhereAndOtherResetsMayNot) {
  const auto refused = start("a");
  start("b");
  said();
  send(frame(kRstStream, 0, 1, big_endian(7, 4)) + frame(kRstStream, 0, 3, big_endian(2, 4)));
  ASSERT_EQ(events_.unprocessed.size(), 1u);
  EXPECT_EQ(events_.unprocessed[0], refused);
  ASSERT_FALSE(answer());
  EXPECT_EQ(answer().error().code, Code::kUnavailable);
  EXPECT_TRUE(answer().error().retry.allowed());
}

TEST_F(Http2Client, PeersLimitOfStreamsIsTheCapacity) {
  EXPECT_EQ(session_.calls->capacity(), 10u);
  send(settings({{3, 2}}));
  start("a");
  EXPECT_EQ(session_.calls->capacity(), 1u);
  start("b");
  EXPECT_EQ(session_.calls->capacity(), 0u);
  said();
  send(headers_frame(1, {{":status", "200"}, {"grpc-status", "0"}}, true));
  said();
  EXPECT_EQ(session_.calls->capacity(), 1u);
}

TEST_F(Http2Client, CancelResetsTheStreamAndItsLateAnswerIsIgnored) {
  const auto call = start("a");
  said();
  session_.calls->cancel(call);
  const auto reset = said_of(kRstStream);
  ASSERT_EQ(reset.size(), 1u);
  EXPECT_EQ(reset[0].number(0), 8u) << "CANCEL";
  send(headers_frame(1, kOkHead));
  EXPECT_TRUE(events_.answers.empty());
  EXPECT_EQ(session_.calls->capacity(), 10u);
}

TEST_F(Http2Client, AnswerBeforeTheWholeRequestStopsTheRest) {
  start(std::string(200'000, 'x'));
  said();
  send(headers_frame(1, {{":status", "200"}, {"content-type", "application/grpc"}, {"grpc-status", "8"}},
                     true));
  ASSERT_TRUE(answer());
  EXPECT_EQ(answer()->grpc.code, 8);
  const auto reset = said_of(kRstStream);
  ASSERT_EQ(reset.size(), 1u);
  EXPECT_EQ(session_.calls->capacity(), 10u);
}

TEST_F(Http2Client, LostConnectionFailsWhatIsUnderWay) {
  start("a");
  said();
  session_.protocol->lost(Error{Code::kUnavailable, "gone", {}, Retry::backoff()});
  ASSERT_FALSE(answer());
  EXPECT_EQ(answer().error().code, Code::kUnavailable);
  EXPECT_TRUE(events_.unprocessed.empty()) << "the peer may have taken it";
}

TEST_F(Http2Client, SilentPeerWithCallsUnderWayIsGivenUp) {
  pass(29s);
  EXPECT_TRUE(said_of(kPing).empty());
  start("a");
  said();
  pass(1s);
  pass(31s);
  EXPECT_EQ(said_of(kPing).size(), 1u);
  pass(11s);
  ASSERT_FALSE(answer());
  EXPECT_EQ(answer().error().code, Code::kUnavailable);
  said();
  EXPECT_TRUE(session_.protocol->finished());
}

TEST_F(Http2Client, UnusedConnectionSaysGoodbye) {
  pass(1s);
  pass(31s);
  EXPECT_EQ(said_of(kGoaway).size(), 1u);
  EXPECT_TRUE(session_.protocol->finished());
}

class Http1Client : public ClientSessionTest {
 protected:
  void SetUp() override { open(make_http1_client_session); }
};

TEST_F(Http1Client, RequestIsWrittenWithItsLengthAndEncoding) {
  start("hello", Compression::kZstd);
  EXPECT_EQ(said_text(),
            "POST /otlpipe.test.Echo/Call HTTP/1.1\r\nhost: backend:4317\r\nuser-agent: otlpipe\r\n"
            "content-encoding: zstd\r\ncontent-length: 5\r\n\r\nhello");
  EXPECT_EQ(session_.calls->capacity(), 0u);
}

TEST_F(Http1Client, AnswerFedByteByByteAfterAnInformationalOne) {
  start("x");
  for (const char c : std::string(
           "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 3\r\n\r\nans")) {
    send({&c, 1});
  }
  ASSERT_TRUE(answer());
  EXPECT_EQ(answer()->http_status, 200);
  EXPECT_EQ(answer()->body, "ans");
  EXPECT_EQ(find_header(answer()->headers, "x-a"), "b");
  EXPECT_EQ(session_.calls->capacity(), 1u);
}

TEST_F(Http1Client, CompressedChunkedAnswerIsInflated) {
  const auto packed = compression::make_compressor()->compress(
      Compression::kGzip, std::vector<Bytes>{Bytes::from(std::string(900, 'a'))});
  start("x");
  std::string chunked = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const char c : as_text(packed->view())) chunked += "1\r\n" + std::string(1, c) + "\r\n";
  send(chunked + "0\r\n\r\n");
  ASSERT_TRUE(answer());
  EXPECT_EQ(answer()->body, std::string(900, 'a'));
}

TEST_F(Http1Client, AnswerWithoutLengthEndsWithTheConnection) {
  start("x");
  send("HTTP/1.1 502 Bad Gateway\r\n\r\nsorry");
  EXPECT_TRUE(events_.answers.empty());
  session_.protocol->receive_end();
  ASSERT_TRUE(answer());
  EXPECT_EQ(answer()->http_status, 502);
  EXPECT_EQ(answer()->body, "sorry");
  EXPECT_FALSE(session_.calls->open_for_more());
}

TEST_F(Http1Client, FirstRequestOfAConnectionThatIsClosedFails) {
  start("x");
  session_.protocol->receive_end();
  ASSERT_FALSE(answer());
  EXPECT_EQ(answer().error().code, Code::kUnavailable);
  EXPECT_TRUE(events_.unprocessed.empty());
}

TEST_F(Http1Client, StaleKeptConnectionGivesTheRequestBackUnlessSomethingWasHeard) {
  start("x");
  send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  const auto second = start("y");
  session_.protocol->lost(Error{Code::kUnavailable, "reset", {}, Retry::backoff()});
  ASSERT_EQ(events_.unprocessed.size(), 1u);
  EXPECT_EQ(events_.unprocessed[0], second);

  open(make_http1_client_session);
  start("x");
  send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  start("y");
  send("HTTP/1.1 20");
  session_.protocol->lost(Error{Code::kUnavailable, "reset", {}, Retry::backoff()});
  EXPECT_EQ(events_.unprocessed.size(), 1u);
  EXPECT_FALSE(answer(2));
}

TEST_F(Http1Client, ConnectionIsNotUsedAgainWhenThePeerClosesOrSaysTooMuch) {
  start("x");
  send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  EXPECT_FALSE(session_.calls->open_for_more());
  open(make_http1_client_session);
  start("x");
  send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nextra");
  EXPECT_FALSE(session_.calls->open_for_more());
  open(make_http1_client_session);
  send("HTTP/1.1 408 Request Timeout\r\n\r\n");
  EXPECT_FALSE(session_.calls->open_for_more());
}

TEST_F(Http1Client, GarbageIsUnavailable) {
  start("x");
  send("SSH-2.0-OpenSSH_9.2\r\n");
  ASSERT_FALSE(answer());
  EXPECT_EQ(answer().error().code, Code::kUnavailable);
  EXPECT_TRUE(session_.protocol->aborted());
}

TEST_F(Http1Client, BodyOverTheLimitStillTellsTheStatus) {
  start("x");
  send("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2000\r\n\r\n" + std::string(2'000, 'x'));
  ASSERT_TRUE(answer());
  EXPECT_EQ(answer()->http_status, 500);
  EXPECT_EQ(answer()->body, "");
}

TEST_F(Http1Client, CancelledRequestTakesItsConnectionAlong) {
  const auto call = start("x");
  session_.calls->cancel(call);
  EXPECT_TRUE(session_.protocol->aborted());
  EXPECT_TRUE(events_.answers.empty());
}

TEST_F(Http1Client, UnusedConnectionCloses) {
  pass(1s);
  EXPECT_FALSE(session_.protocol->finished());
  pass(31s);
  EXPECT_TRUE(session_.protocol->finished());
}

}  // namespace
}  // namespace otlpipe::worker::transport
