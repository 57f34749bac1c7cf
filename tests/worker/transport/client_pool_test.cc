#include <algorithm>

#include "tests/worker/transport/harness.h"

namespace otlpipe::worker::transport {
namespace {

using namespace std::chrono_literals;

constexpr const char* kMethod = "/otlpipe.test.Echo/Call";

using ClientPoolTest = TransportTest;

TEST_F(ClientPoolTest, CallsBeyondTheConnectionsWaitInOrder) {
  for (const bool grpc : {true, false}) {
    const auto server = grpc ? listen_grpc() : listen_http();
    ClientOptions options = to(*server, grpc);
    options.max_connections = 1;
    options.max_requests_per_connection = 1;
    const auto client = core_->connect(options);
    std::vector<int> order;
    for (int i = 0; i < 20; ++i) {
      client->call(request(kMethod, std::to_string(i)), [&, i](Result<ClientResponse> result) {
        EXPECT_TRUE(result);
        order.push_back(i);
        if (order.size() == 20) finish();
      });
    }
    run();
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
    EXPECT_EQ(server->stats().connections_opened, 1u);
  }
}

TEST_F(ClientPoolTest, BodyThatIsCompressedAlreadyGoesOutAsItIs) {
  const std::string text(10'000, 'x');
  const Bytes packed = compression::make_compressor()
                           ->compress(Compression::kGzip, std::vector<Bytes>{Bytes::from(text)})
                           .value();
  for (const bool grpc : {true, false}) {
    const auto server = grpc ? listen_grpc() : listen_http();
    const auto check = [&](const ServerRequest& got) {
      EXPECT_TRUE(as_text(got.body.view()) == text) << grpc;
      EXPECT_TRUE(as_text(got.packed.body.bytes.view()) == as_text(packed.view())) << grpc;
    };
    handler_->grpc = [&](ServerRequest got, GrpcResponder respond) {
      check(got);
      respond({}, {});
    };
    handler_->http = [&](ServerRequest got, HttpResponder respond) {
      check(got);
      respond({});
    };
    const auto client = core_->connect(to(*server, grpc));
    ClientRequest request;
    request.path = kMethod;
    request.body = {packed};
    request.compression = Compression::kGzip;
    request.compressed = true;
    EXPECT_TRUE(exchange(*client, std::move(request)));
  }
}

TEST_F(ClientPoolTest, MoreConnectionsAreOpenedUpToTheirNumber) {
  const auto server = listen_http();
  std::vector<HttpResponder> held;
  handler_->http = [&](ServerRequest, HttpResponder respond) {
    held.push_back(std::move(respond));
    if (held.size() == 3) {
      for (auto& r : held) r({});
    }
  };
  ClientOptions options = to(*server, false);
  options.max_connections = 3;
  const auto client = core_->connect(options);
  int answered = 0;
  for (int i = 0; i < 3; ++i) {
    client->call(request("/x", "y"), [&](Result<ClientResponse> result) {
      EXPECT_TRUE(result);
      if (++answered == 3) finish();
    });
  }
  run();
  EXPECT_EQ(server->stats().connections_opened, 3u);
}

TEST_F(ClientPoolTest, DeadlineEndsTheCallAndTheServersStream) {
  for (const bool grpc : {true, false}) {
    const auto server = grpc ? listen_grpc() : listen_http();
    handler_->grpc = [](ServerRequest, GrpcResponder) {};
    handler_->http = [](ServerRequest, HttpResponder) {};
    const auto client = core_->connect(to(*server, grpc));
    ClientRequest slow = request(kMethod, "x");
    slow.timeout = 30ms;
    const auto answer = exchange(*client, std::move(slow));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Code::kDeadlineExceeded);
    handler_->grpc = nullptr;
    handler_->http = nullptr;
    EXPECT_TRUE(exchange(*client, request(kMethod, "y")));
  }
}

TEST_F(ClientPoolTest, DestroyedClientCancelsItsCalls) {
  const auto server = listen_grpc();
  auto client = core_->connect(to(*server, true));
  handler_->grpc = [&](ServerRequest, GrpcResponder) { finish(); };
  std::vector<Code> codes;
  const auto note = [&](Result<ClientResponse> result) {
    ASSERT_FALSE(result);
    codes.push_back(result.error().code);
  };
  client->call(request(kMethod, "x"), note);
  run();
  client->call(request(kMethod, "y"), note);
  client.reset();
  EXPECT_EQ(codes, (std::vector<Code>{Code::kCancelled, Code::kCancelled}));
}

TEST_F(ClientPoolTest, ClientMayBeDestroyedFromItsOwnAnswer) {
  const auto server = listen_grpc();
  auto client = core_->connect(to(*server, true));
  int cancelled = 0;
  client->call(request(kMethod, "x"), [&](Result<ClientResponse>) {
    client->call(request(kMethod, "y"), [&](Result<ClientResponse> result) { cancelled += result ? 0 : 1; });
    client.reset();
    finish();
  });
  run();
  EXPECT_EQ(cancelled, 1);
}

TEST_F(ClientPoolTest, NameIsResolvedAndAllItsAddressesAreTried) {
  const auto server = listen_grpc();  // on 127.0.0.1 alone, while localhost may be ::1 first
  ClientOptions options = to(*server, true);
  options.host = "localhost";
  const auto client = core_->connect(options);
  EXPECT_TRUE(exchange(*client, request(kMethod, "x")));
}

TEST_F(ClientPoolTest, PeerThatAcceptsAndCloseIsUnavailableAndNoCallIsLostWhenItComesBack) {
  auto server = listen_grpc();
  ServerOptions same;
  same.port = server->port();
  const auto client = core_->connect(to(*server, true));
  EXPECT_TRUE(exchange(*client, request(kMethod, "x")));
  server.reset();
  const auto refused = exchange(*client, request(kMethod, "y"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kUnavailable);
  server = listen(same);
  EXPECT_TRUE(exchange(*client, request(kMethod, "z")));
}

TEST_F(ClientPoolTest, KeptHttpConnectionThatTheServerClosedIsReplacedWithoutAnError) {
  auto server = listen_http();
  ServerOptions same;
  same.port = server->port();
  same.protocol = ServerProtocol::kHttp;
  const auto client = core_->connect(to(*server, false));
  for (int i = 0; i < 3; ++i) {
    const auto answer = exchange(*client, request("/x", "y"));
    ASSERT_TRUE(answer) << answer.error().to_string();
    server.reset();
    server = listen(same);
  }
}

TEST_F(ClientPoolTest, ConnectionsThatGrowOldLoseNoCall) {
  for (const bool grpc : {true, false}) {
    ServerOptions options;
    options.protocol = grpc ? ServerProtocol::kGrpc : ServerProtocol::kHttp;
    options.max_connection_age = 20ms;
    const auto server = listen(options);
    const auto client = core_->connect(to(*server, grpc));
    int answered = 0;
    int failed = 0;
    const std::function<void()> next = [&] {
      client->call(request(kMethod, "x"), [&](Result<ClientResponse> result) {
        if (!result || (grpc && result->grpc.code != 0)) ++failed;
        ++answered;
        if (server->stats().connections_opened >= 12) return finish();
        next();
      });
    };
    for (int i = 0; i < 8; ++i) next();
    run();
    EXPECT_EQ(failed, 0) << (grpc ? "gRPC" : "HTTP");
    EXPECT_GT(answered, 12);
  }
}

TEST_F(ClientPoolTest, DrainUnderTrafficLosesNoCall) {
  auto server = listen_grpc();
  ServerOptions same;
  same.port = server->port();
  const auto client = core_->connect(to(*server, true));
  std::unique_ptr<Server> successor;
  bool drained = false;
  int answered = 0;
  const std::function<void()> next = [&] {
    client->call(request(kMethod, "x"), [&](Result<ClientResponse> result) {
      EXPECT_TRUE(result) << result.error().to_string();
      ++answered;
      if (answered == 500) {
        successor = listen(same);
        server->drain(10s, [&] { drained = true; });
      }
      if (drained && answered > 2000) return finish();
      next();
    });
  };
  for (int i = 0; i < 16; ++i) next();
  run();
  EXPECT_TRUE(drained);
  EXPECT_EQ(server->stats().connections_open, 0u);
  EXPECT_GT(successor->stats().requests, 0u);
}

TEST_F(ClientPoolTest, DrainEndsAfterItsGraceWhateverIsUnderWay) {
  for (const bool grpc : {true, false}) {
    const auto server = grpc ? listen_grpc() : listen_http();
    const auto client = core_->connect(to(*server, grpc));
    bool drained = false;
    const auto drain = [&] {
      server->drain(20ms, [&] {
        drained = true;
        finish();
      });
    };
    handler_->grpc = [&](ServerRequest, GrpcResponder) { drain(); };
    handler_->http = [&](ServerRequest, HttpResponder) { drain(); };
    client->call(request(kMethod, "x"), [](Result<ClientResponse> result) { EXPECT_FALSE(result); });
    run();
    EXPECT_TRUE(drained);
  }
}

TEST_F(ClientPoolTest, EveryCompressionArrivesOverBothProtocols) {
  const std::string text(200'000, 'c');
  for (const bool grpc : {true, false}) {
    const auto server = grpc ? listen_grpc() : listen_http();
    const auto client = core_->connect(to(*server, grpc));
    std::string got;
    handler_->grpc = [&](ServerRequest r, GrpcResponder respond) {
      got = as_text(r.body.view());
      respond({}, "");
    };
    handler_->http = [&](ServerRequest r, HttpResponder respond) {
      got = as_text(r.body.view());
      respond({});
    };
    for (const auto encoding : {Compression::kNone, Compression::kGzip, Compression::kDeflate,
                                Compression::kZstd, Compression::kBrotli}) {
      if (grpc && encoding == Compression::kBrotli) continue;
      got.clear();
      ClientRequest packed = request(kMethod, text);
      packed.compression = encoding;
      const auto answer = exchange(*client, std::move(packed));
      ASSERT_TRUE(answer) << answer.error().to_string();
      EXPECT_EQ(answer->http_status, 200);
      EXPECT_TRUE(got == text) << compression::to_string(encoding);
    }
  }
}

TEST_F(ClientPoolTest, RequestOf64MiBPassesAndOneByteMoreIsRefused) {
  const auto server = listen_grpc();
  handler_->grpc = [](ServerRequest r, GrpcResponder respond) { respond({}, std::to_string(r.body.size())); };
  const auto client = core_->connect(to(*server, true));
  const auto fits = exchange(*client, request(kMethod, std::string(64u << 20, 'x')));
  ASSERT_TRUE(fits) << fits.error().to_string();
  EXPECT_EQ(fits->body, std::to_string(64u << 20));
  const auto over = exchange(*client, request(kMethod, std::string((64u << 20) + 1, 'x')));
  ASSERT_TRUE(over) << over.error().to_string();
  EXPECT_EQ(over->grpc.code, 8);
  EXPECT_EQ(server->stats().connections_opened, 1u);
}

TEST_F(ClientPoolTest, PortInUseAndBadAddressSayWhere) {
  const auto server = listen_grpc();
  ServerOptions options;
  options.address = "127.0.0.1";
  options.port = server->port();
  options.reuse_port = false;
  const auto second = core_->listen(options, handler_, budget_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kAlreadyExists);
  EXPECT_EQ(second.error().where, "127.0.0.1:" + std::to_string(server->port()));
  options.address = "not-an-address";
  const auto third = core_->listen(options, handler_, budget_);
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, Code::kInvalidArgument);
}

TEST_F(ClientPoolTest, ConnectionsBeyondTheLimitAreClosed) {
  ServerOptions options;
  options.max_connections = 1;
  const auto server = listen(options);
  const auto first = core_->connect(to(*server, true));
  const auto second = core_->connect(to(*server, true));
  EXPECT_TRUE(exchange(*first, request(kMethod, "x")));
  const auto refused = exchange(*second, request(kMethod, "x"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kUnavailable);
  EXPECT_TRUE(exchange(*first, request(kMethod, "x")));
}

}  // namespace
}  // namespace otlpipe::worker::transport
