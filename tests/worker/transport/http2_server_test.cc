#include "worker/transport/http2_server.h"

#include "tests/worker/transport/harness.h"
#include "tests/worker/transport/http2_peer.h"

namespace otlpipe::worker::transport {
namespace {

using namespace std::chrono_literals;

// A server session in memory, whose peer and whose clock are the test.
class Http2Server : public testing::Test {
 protected:
  Protocol& session() {
    if (!session_) {
      context_->handler = handler_;
      context_->budget = budget_;
      context_->decompressor = compression::make_decompressor();
      context_->clock = &clock_;
      session_ = make_http2_server_session(context_, carrier_, "peer:1", now_);
    }
    return *session_;
  }
  void send(std::string_view bytes) { session().receive(as_bytes(bytes)); }
  void greet() { send(std::string(kPreface) + settings() + settings_ack()); }
  std::vector<Frame> said() { return reader_.drain(session()); }

  // The frames of one stream.
  std::vector<Frame> said_on(std::uint32_t stream) {
    std::vector<Frame> out;
    for (Frame& f : said()) {
      if (f.stream == stream) out.push_back(std::move(f));
    }
    return out;
  }
  std::vector<Frame> said_of(FrameType type) {
    std::vector<Frame> out;
    for (Frame& f : said()) {
      if (f.type == type) out.push_back(std::move(f));
    }
    return out;
  }
  // The grpc-status of a stream's answer, -1 without one.
  static int status_of(const std::vector<Frame>& frames) {
    for (const Frame& f : frames) {
      if (const auto it = f.headers.find("grpc-status"); it != f.headers.end()) return std::stoi(it->second);
    }
    return -1;
  }
  void pass(Duration time) {
    now_ += time;
    session().tick(now_);
  }

  std::shared_ptr<ServerContext> context_ = std::make_shared<ServerContext>();
  std::shared_ptr<ScriptedHandler> handler_ = std::make_shared<ScriptedHandler>();
  std::shared_ptr<CountingBudget> budget_ = std::make_shared<CountingBudget>(1u << 20);
  SystemClock clock_;
  CountingCarrier carrier_;
  MonotonicTime now_{1h};
  FrameReader reader_;
  std::unique_ptr<Protocol> session_;
};

TEST_F(Http2Server, CallFedByteByByteIsAnsweredWithMessageAndTrailers) {
  const std::string all = std::string(kPreface) + settings() + settings_ack() + grpc_call(1, "hello");
  for (const char c : all) send({&c, 1});
  const auto frames = said_on(1);
  ASSERT_EQ(frames.size(), 3u);
  EXPECT_EQ(frames[0].headers.at(":status"), "200");
  EXPECT_EQ(frames[0].headers.at("content-type"), "application/grpc");
  EXPECT_EQ(frames[1].payload, grpc_message("hello"));
  EXPECT_TRUE(frames[2].ends_stream());
  EXPECT_EQ(status_of(frames), 0);
  EXPECT_EQ(budget_->used, 0u);
}

TEST_F(Http2Server, UnknownEncodingIsUnimplementedAndListsWhatIsKnown) {
  greet();
  send(headers_frame(1, grpc_head({{"grpc-encoding", "snappy"}})) +
       frame(kData, kEndStream, 1, grpc_message("x")));
  const auto frames = said_on(1);
  EXPECT_EQ(status_of(frames), 12);
  EXPECT_EQ(frames.at(0).headers.at("grpc-accept-encoding"), "identity,deflate,gzip,zstd");
  EXPECT_TRUE(frames.at(0).ends_stream());
}

TEST_F(Http2Server, MessageOverTheLimitIsRefusedAtItsPrefixAndTheConnectionIsKept) {
  context_->options.max_message_bytes = 1000;
  greet();
  send(headers_frame(1, grpc_head()) +
       frame(kData, 0, 1, grpc_message(std::string(1001, 'x')).substr(0, 10)));
  const auto frames = said_on(1);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(status_of(frames), 8);
  EXPECT_EQ(frames[1].type, kRstStream);
  EXPECT_EQ(frames[1].number(0), 0u) << "NO_ERROR: the sender may just stop";
  ASSERT_EQ(handler_->refusals.size(), 1u);
  EXPECT_FALSE(handler_->refusals[0].retry.allowed());
  EXPECT_EQ(budget_->peak, 0u);

  send(frame(kData, kEndStream, 1, std::string(900, 'x')) + grpc_call(3, "next"));
  EXPECT_EQ(status_of(said_on(3)), 0);
}

TEST_F(Http2Server, WithoutBudgetTheBodyIsRefusedAtOnceAndTheConnectionIsKept) {
  budget_ = std::make_shared<CountingBudget>(100);
  greet();
  send(headers_frame(1, grpc_head()) + frame(kData, 0, 1, grpc_message(std::string(200, 'x')).substr(0, 6)));
  EXPECT_EQ(status_of(said_on(1)), 14);
  ASSERT_EQ(handler_->refusals.size(), 1u);
  EXPECT_EQ(handler_->refusals[0].retry.kind, Retry::Kind::kAfter);
  send(grpc_call(3, std::string(90, 'x')));
  EXPECT_EQ(status_of(said_on(3)), 0);
  EXPECT_EQ(budget_->used, 0u);
}

TEST_F(Http2Server, BudgetIsHeldFromThePrefixOnAndTravelsWithTheRequest) {
  std::optional<ServerRequest> held;
  handler_->grpc = [&](ServerRequest got, GrpcResponder) { held = std::move(got); };
  greet();
  const std::string message = grpc_message(std::string(500, 'x'));
  send(headers_frame(1, grpc_head()) + frame(kData, 0, 1, message.substr(0, 5)));
  EXPECT_EQ(budget_->used, 500u);
  send(frame(kData, kEndStream, 1, message.substr(5)));
  ASSERT_TRUE(held);
  EXPECT_EQ(held->credit.bytes(), 500u);
  EXPECT_EQ(budget_->used, 500u);
  held.reset();
  EXPECT_EQ(budget_->used, 0u);
}

TEST_F(Http2Server, StreamResetInTheMiddleOfItsBodyGivesTheCreditBack) {
  greet();
  send(headers_frame(1, grpc_head()) + frame(kData, 0, 1, grpc_message(std::string(500, 'x')).substr(0, 50)));
  EXPECT_EQ(budget_->used, 500u);
  send(frame(kRstStream, 0, 1, big_endian(8, 4)));
  EXPECT_EQ(budget_->used, 0u);
}

TEST_F(Http2Server, ConnectionLostInTheMiddleOfABodyGivesTheCreditBack) {
  greet();
  send(headers_frame(1, grpc_head()) + frame(kData, 0, 1, grpc_message(std::string(500, 'x')).substr(0, 50)));
  session().lost(Error{});
  EXPECT_EQ(budget_->used, 0u);
}

TEST_F(Http2Server, CompressedMessageArrivesInflatedWithCreditForItsRealSize) {
  const std::string text(100'000, 'z');
  for (const auto encoding : {Compression::kGzip, Compression::kDeflate, Compression::kZstd}) {
    session_.reset();
    FrameReader fresh;
    const auto packed =
        compression::make_compressor()->compress(encoding, std::vector<Bytes>{Bytes::from(text)});
    std::size_t credit = 0;
    std::string got;
    handler_->grpc = [&](ServerRequest request, GrpcResponder) {
      credit = request.credit.bytes();
      got = as_text(request.body.view());
    };
    greet();
    send(headers_frame(1, grpc_head({{"grpc-encoding", std::string(compression::to_string(encoding))}})) +
         frame(kData, kEndStream, 1, grpc_message(as_text(packed->view()), true)));
    EXPECT_EQ(credit, text.size()) << compression::to_string(encoding);
    EXPECT_TRUE(got == text) << compression::to_string(encoding);
    EXPECT_EQ(budget_->used, 0u);
  }
}

TEST_F(Http2Server, BombIsRefusedAndNeverTakesMoreThanTheLimit) {
  context_->options.max_message_bytes = 100'000;
  const std::string text(20u << 20, '\0');
  const auto packed =
      compression::make_compressor()->compress(Compression::kZstd, std::vector<Bytes>{Bytes::from(text)});
  greet();
  send(headers_frame(1, grpc_head({{"grpc-encoding", "zstd"}})) +
       frame(kData, kEndStream, 1, grpc_message(as_text(packed->view()), true)));
  EXPECT_EQ(status_of(said_on(1)), 8);
  EXPECT_LE(budget_->peak, 100'000 + packed->size());
  EXPECT_EQ(budget_->used, 0u);
}

TEST_F(Http2Server, InflatingWithoutBudgetIsUnavailable) {
  budget_ = std::make_shared<CountingBudget>(5'000);
  const auto packed = compression::make_compressor()->compress(
      Compression::kGzip, std::vector<Bytes>{Bytes::from(std::string(100'000, 'a'))});
  greet();
  send(headers_frame(1, grpc_head({{"grpc-encoding", "gzip"}})) +
       frame(kData, kEndStream, 1, grpc_message(as_text(packed->view()), true)));
  EXPECT_EQ(status_of(said_on(1)), 14);
  EXPECT_EQ(budget_->used, 0u);
}

TEST_F(Http2Server, DamagedCallsAreInvalidArgument) {
  greet();
  const std::string good = grpc_message("abc");
  send(headers_frame(1, grpc_head()) + frame(kData, kEndStream, 1, good.substr(0, 6)));
  EXPECT_EQ(status_of(said_on(1)), 3) << "cut short";
  send(headers_frame(3, grpc_head()) + frame(kData, kEndStream, 3, good + good));
  EXPECT_EQ(status_of(said_on(3)), 3) << "two messages";
  send(headers_frame(5, grpc_head(), true));
  EXPECT_EQ(status_of(said_on(5)), 3) << "none";
  send(headers_frame(7, grpc_head({{"grpc-encoding", "gzip"}})) +
       frame(kData, kEndStream, 7, grpc_message("not gzip", true)));
  EXPECT_EQ(status_of(said_on(7)), 3) << "not what it says";
  send(headers_frame(9, grpc_head()) + frame(kData, kEndStream, 9, grpc_message("x", true)));
  EXPECT_EQ(status_of(said_on(9)), 13) << "compressed by nothing";
}

TEST_F(Http2Server, OtherContentTypesAre415AndOtherMethods405) {
  greet();
  send(headers_frame(1, {{":method", "POST"},
                         {":scheme", "http"},
                         {":path", "/"},
                         {":authority", "t"},
                         {"content-type", "application/json"}}));
  EXPECT_EQ(said_on(1).at(0).headers.at(":status"), "415");
  send(headers_frame(3,
                     {{":method", "GET"},
                      {":scheme", "http"},
                      {":path", "/"},
                      {":authority", "t"},
                      {"content-type", "application/grpc+proto"}},
                     true));
  EXPECT_EQ(said_on(3).at(0).headers.at(":status"), "405");
}

TEST_F(Http2Server, RefusalByTheHandlerComesBeforeTheBody) {
  handler_->grpc_check = [](const ServerRequest& head) {
    return GrpcStatus{16, "who are you at " + head.path, {}};
  };
  greet();
  send(headers_frame(1, grpc_head()));
  const auto frames = said_on(1);
  EXPECT_EQ(status_of(frames), 16);
  EXPECT_EQ(frames.at(0).headers.at("grpc-message"), "who are you at /otlpipe.test.Echo/Call");
}

TEST_F(Http2Server, StalledBodyIsGivenUpAndOthersGoOn) {
  greet();
  send(headers_frame(1, grpc_head()) + frame(kData, 0, 1, grpc_message("slow").substr(0, 6)));
  pass(1s);
  pass(29s);
  EXPECT_EQ(status_of(said_on(1)), -1);
  send(frame(kData, 0, 1, "l"));
  pass(29s);
  pass(29s);
  EXPECT_EQ(status_of(said_on(1)), -1) << "a byte came in between";
  pass(2s);
  EXPECT_EQ(status_of(said_on(1)), 4);
  EXPECT_EQ(budget_->used, 0u);
  send(grpc_call(3, "x"));
  EXPECT_EQ(status_of(said_on(3)), 0);
}

TEST_F(Http2Server, DrainLetsLateRequestsThroughUntilThePeerKnows) {
  GrpcResponder first;
  handler_->grpc = [&](ServerRequest, GrpcResponder respond) {
    if (!first) {
      first = std::move(respond);
    } else {
      respond(GrpcStatus{}, "late");
    }
  };
  greet();
  send(grpc_call(1, "x"));
  said();
  session().begin_drain();
  const auto notice = said();
  ASSERT_EQ(notice.size(), 2u);
  EXPECT_EQ(notice[0].type, kGoaway);
  EXPECT_EQ(notice[0].number(0), 0x7fffffffu);
  EXPECT_EQ(notice[1].type, kPing);

  send(grpc_call(3, "y"));
  EXPECT_EQ(status_of(said_on(3)), 0);
  send(frame(kPing, kAck, 0, notice[1].payload));
  const auto last = said();
  ASSERT_EQ(last.size(), 1u);
  EXPECT_EQ(last[0].number(0), 3u);
  EXPECT_FALSE(session().finished()) << "a call is under way";

  first(GrpcStatus{}, "done");
  EXPECT_EQ(status_of(said_on(1)), 0);
  EXPECT_TRUE(session().finished());
}

TEST_F(Http2Server, DrainDoesNotWaitForAPeerThatAnswersNoPing) {
  greet();
  said();
  session().begin_drain();
  said();
  pass(1s);
  EXPECT_FALSE(session().finished());
  pass(1100ms);
  EXPECT_EQ(said_of(kGoaway).size(), 1u);
  EXPECT_TRUE(session().finished());
}

TEST_F(Http2Server, IdleConnectionIsDrainedAndABusyOneIsNot) {
  context_->options.keepalive_interval = 1h;
  GrpcResponder respond;
  handler_->grpc = [&](ServerRequest, GrpcResponder r) { respond = std::move(r); };
  greet();
  send(grpc_call(1, "x"));
  said();
  pass(1s);
  pass(121s);
  EXPECT_TRUE(said_of(kGoaway).empty());
  respond(GrpcStatus{}, "");
  said();
  pass(1s);
  pass(121s);
  EXPECT_EQ(said_of(kGoaway).size(), 1u);
}

TEST_F(Http2Server, SilentPeerIsAskedAndThenGivenUp) {
  handler_->grpc = [&](ServerRequest, GrpcResponder) {};
  greet();
  send(grpc_call(1, "x"));
  said();
  pass(1s);
  pass(61s);
  ASSERT_EQ(said_of(kPing).size(), 1u);
  pass(21s);
  EXPECT_EQ(said_of(kGoaway).size(), 1u);
  EXPECT_TRUE(session().finished());
}

TEST_F(Http2Server, AnsweredPingKeepsTheConnection) {
  handler_->grpc = [&](ServerRequest, GrpcResponder) {};
  greet();
  send(grpc_call(1, "x"));
  said();
  pass(1s);
  pass(61s);
  const auto ping = said_of(kPing);
  ASSERT_EQ(ping.size(), 1u);
  send(frame(kPing, kAck, 0, ping[0].payload));
  pass(21s);
  EXPECT_FALSE(session().finished());
}

TEST_F(Http2Server, SettingsThatAreNeverAcknowledgedEndTheConnection) {
  send(std::string(kPreface) + settings());
  said();
  pass(11s);
  const auto goaway = said_of(kGoaway);
  ASSERT_EQ(goaway.size(), 1u);
  EXPECT_EQ(goaway[0].number(4), 4u) << "SETTINGS_TIMEOUT";
  EXPECT_TRUE(session().finished());
}

TEST_F(Http2Server, FloodsOfPingsAndSettingsEndTheConnection) {
  for (const std::string& piece : {frame(kPing, 0, 0, "01234567"), settings()}) {
    session_.reset();
    greet();
    std::string flood;
    for (int i = 0; i < 2000; ++i) flood += piece;
    send(flood);
    EXPECT_TRUE(session().finished());
  }
}

TEST_F(Http2Server, RapidResetEndsTheConnection) {
  int handled = 0;
  handler_->grpc = [&](ServerRequest, GrpcResponder) { ++handled; };
  greet();
  for (std::uint32_t id = 1; id < 6001 && !session().finished(); id += 2) {
    send(grpc_call(id, "x") + frame(kRstStream, 0, id, big_endian(8, 4)));
    said();
  }
  EXPECT_TRUE(session().finished());
  EXPECT_LT(handled, 2000);
}

TEST_F(Http2Server, HalfClosedPeerStillGetsTheAnswersToWhatIsComplete) {
  GrpcResponder respond;
  handler_->grpc = [&](ServerRequest, GrpcResponder r) { respond = std::move(r); };
  greet();
  send(grpc_call(1, "x") + headers_frame(3, grpc_head()) +
       frame(kData, 0, 3, grpc_message("cut").substr(0, 6)));
  session().receive_end();
  said();
  EXPECT_FALSE(session().finished());
  EXPECT_EQ(budget_->used, 0u);
  respond({}, "answer");
  EXPECT_EQ(status_of(said_on(1)), 0);
  EXPECT_TRUE(session().finished());
}

TEST_F(Http2Server, HeadersOfAnAnswerAreMadeFitForHttp2) {
  context_->options.protocol = ServerProtocol::kHttp;
  handler_->http = [](ServerRequest, HttpResponder respond) {
    respond(HttpResponse{200, {{"X-Echo", "a\r\nset-cookie: b"}}, {}});
  };
  greet();
  send(
      headers_frame(1, {{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {":authority", "t"}}, true));
  EXPECT_EQ(said_on(1).at(0).headers.at("x-echo"), "a  set-cookie: b");
}

TEST_F(Http2Server, HeadOverTheLimitIs431) {
  context_->options.max_header_bytes = 1000;
  greet();
  send(headers_frame(1, grpc_head({{"x-long", std::string(2000, 'x')}})));
  EXPECT_EQ(said_on(1).at(0).headers.at(":status"), "431");
}

TEST_F(Http2Server, AnswerAfterTheStreamOrTheSessionIsGoneDoesNothing) {
  std::vector<GrpcResponder> held;
  handler_->grpc = [&](ServerRequest, GrpcResponder respond) { held.push_back(std::move(respond)); };
  greet();
  send(grpc_call(1, "x") + frame(kRstStream, 0, 1, big_endian(8, 4)) + grpc_call(3, "y"));
  said();
  ASSERT_EQ(held.size(), 2u);
  held[0](GrpcStatus{}, "late");
  EXPECT_TRUE(said_on(1).empty());
  held[1](GrpcStatus{}, "first");
  held[1](GrpcStatus{14, "second", {}}, "");
  EXPECT_EQ(status_of(said_on(3)), 0);
  session_.reset();
  held[1](GrpcStatus{}, "very late");
}

TEST_F(Http2Server, LargeAnswerFollowsThePeersWindow) {
  const std::string large(100'000, 'a');
  handler_->grpc = [&](ServerRequest, GrpcResponder respond) { respond(GrpcStatus{}, large); };
  greet();
  send(grpc_call(1, "x"));
  std::string got;
  for (const Frame& f : said_on(1)) {
    if (f.type == kData) got += f.payload;
  }
  EXPECT_EQ(got.size(), 65'535u);
  send(frame(kWindowUpdate, 0, 0, big_endian(100'000, 4)) +
       frame(kWindowUpdate, 0, 1, big_endian(100'000, 4)));
  const auto rest = said_on(1);
  for (const Frame& f : rest) {
    if (f.type == kData) got += f.payload;
  }
  EXPECT_TRUE(got == grpc_message(large));
  EXPECT_EQ(status_of(rest), 0);
}

TEST_F(Http2Server, WindowIsGivenBackAsBodiesAreTaken) {
  budget_ = std::make_shared<CountingBudget>(64u << 20);
  greet();
  said();
  const std::string message = grpc_message(std::string(3u << 20, 'x'));
  send(headers_frame(1, grpc_head()));
  for (std::size_t at = 0; at < message.size(); at += 16'384) {
    send(frame(kData, 0, 1, std::string_view(message).substr(at, 16'384)));
  }
  std::uint32_t returned = 0;
  for (const Frame& f : said_of(kWindowUpdate)) returned += f.stream == 1 ? f.number(0) : 0;
  EXPECT_GE(returned, 2u << 20);
}

TEST_F(Http2Server, NewHandlerServesNewRequestsAndTheOldOneThoseUnderWay) {
  greet();
  send(headers_frame(1, grpc_head()));
  const auto old = handler_;
  bool old_served = false;
  bool new_served = false;
  old->grpc = [&](ServerRequest, GrpcResponder) { old_served = true; };
  auto fresh = std::make_shared<ScriptedHandler>();
  fresh->grpc = [&](ServerRequest, GrpcResponder) { new_served = true; };
  context_->handler = fresh;
  send(frame(kData, kEndStream, 1, grpc_message("x")));
  EXPECT_TRUE(old_served);
  send(grpc_call(3, "y"));
  EXPECT_TRUE(new_served);
}

TEST_F(Http2Server, PlainRequestsAreAnsweredWithLengthAndDate) {
  context_->options.protocol = ServerProtocol::kHttp;
  greet();
  send(headers_frame(1,
                     {{":method", "POST"}, {":scheme", "http"}, {":path", "/v1/logs"}, {":authority", "t"}}) +
       frame(kData, kEndStream, 1, "body"));
  const auto frames = said_on(1);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].headers.at(":status"), "200");
  EXPECT_EQ(frames[0].headers.at("content-length"), "18");
  EXPECT_EQ(frames[0].headers.count("date"), 1u);
  EXPECT_EQ(frames[1].payload, "POST /v1/logs body");
}

}  // namespace
}  // namespace otlpipe::worker::transport
