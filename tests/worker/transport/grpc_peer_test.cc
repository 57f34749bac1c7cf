// The engine against gRPC's own C++ implementation, as client and as server.
#include <atomic>
#include <future>
#include <thread>

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include "tests/worker/transport/harness.h"

namespace otlpipe::worker::transport {
namespace {

using namespace std::chrono_literals;

constexpr const char* kMethod = "/otlpipe.test.Echo/Call";

grpc::ByteBuffer buffer_of(std::string_view text) {
  const grpc::Slice slice(text.data(), text.size());
  return grpc::ByteBuffer(&slice, 1);
}

std::string text_of(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string out;
  if (!buffer.Dump(&slices).ok()) return "unreadable";
  for (const grpc::Slice& s : slices) out.append(reinterpret_cast<const char*>(s.begin()), s.size());
  return out;
}

// ---- gRPC's client, our server ----

class GrpcCppClient : public testing::Test {
 protected:
  void TearDown() override {
    core_->loop().post([this] {
      server_.reset();
      core_->stop();
    });
    thread_.join();
  }

  void SetUp() override {
    ServerOptions options;
    options.address = "127.0.0.1";
    server_ = std::move(*core_->listen(options, handler_, budget_));
    target_ = "127.0.0.1:" + std::to_string(server_->port());
    thread_ = std::thread([this] { core_->run(); });
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    stub_ = std::make_unique<grpc::GenericStub>(
        grpc::CreateCustomChannel(target_, grpc::InsecureChannelCredentials(), arguments));
  }

  struct Outcome {
    grpc::Status status;
    std::string body;
  };
  Outcome call(const std::string& body, std::chrono::milliseconds timeout = 20s,
               grpc_compression_algorithm compression = GRPC_COMPRESS_NONE) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + timeout);
    context.set_compression_algorithm(compression);
    grpc::CompletionQueue queue;
    const auto reader = stub_->PrepareUnaryCall(&context, kMethod, buffer_of(body), &queue);
    reader->StartCall();
    grpc::ByteBuffer response;
    Outcome out;
    reader->Finish(&response, &out.status, this);
    void* tag = nullptr;
    bool ok = false;
    EXPECT_TRUE(queue.Next(&tag, &ok) && ok);
    queue.Shutdown();
    EXPECT_FALSE(queue.Next(&tag, &ok));
    if (out.status.ok()) out.body = text_of(response);
    return out;
  }

  void on_loop(const std::function<void()>& task) {
    std::promise<void> done;
    core_->loop().post([&] {
      task();
      done.set_value();
    });
    done.get_future().wait();
  }

  std::shared_ptr<ScriptedHandler> handler_ = std::make_shared<ScriptedHandler>();
  std::shared_ptr<CountingBudget> budget_ = std::make_shared<CountingBudget>(256u << 20);
  std::unique_ptr<Core> core_ = make_core();
  std::unique_ptr<Server> server_;
  std::string target_;
  std::thread thread_;
  std::unique_ptr<grpc::GenericStub> stub_;
};

TEST_F(GrpcCppClient, MessagesOfAllSizesAndEncodingsComeBack) {
  for (const std::size_t size : {0u, 1u, 16'384u, 100'000u, 5u << 20}) {
    const std::string body(size, 'm');
    for (const auto compression : {GRPC_COMPRESS_NONE, GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
      const Outcome outcome = call(body, 20s, compression);
      ASSERT_TRUE(outcome.status.ok()) << size << ": " << outcome.status.error_message();
      EXPECT_TRUE(outcome.body == body) << size;
    }
  }
}

TEST_F(GrpcCppClient, ManyCallsAtOnceAreAllAnswered) {
  constexpr std::size_t kCalls = 500;
  struct Call {
    grpc::ClientContext context;
    grpc::ByteBuffer response;
    grpc::Status status;
    std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  };
  std::vector<Call> calls(kCalls);
  grpc::CompletionQueue queue;
  for (std::size_t i = 0; i < kCalls; ++i) {
    calls[i].reader =
        stub_->PrepareUnaryCall(&calls[i].context, kMethod, buffer_of("call " + std::to_string(i)), &queue);
    calls[i].reader->StartCall();
    calls[i].reader->Finish(&calls[i].response, &calls[i].status, &calls[i]);
  }
  void* tag = nullptr;
  bool ok = false;
  for (std::size_t i = 0; i < kCalls; ++i) ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  queue.Shutdown();
  EXPECT_FALSE(queue.Next(&tag, &ok));
  for (std::size_t i = 0; i < kCalls; ++i) {
    ASSERT_TRUE(calls[i].status.ok()) << calls[i].status.error_message();
    EXPECT_EQ(text_of(calls[i].response), "call " + std::to_string(i));
  }
}

TEST_F(GrpcCppClient, StatusMessageAndDetailsAreUnderstood) {
  on_loop([&] {
    handler_->grpc = [](ServerRequest, GrpcResponder respond) {
      respond(GrpcStatus{14, "try later: 100 % voll, größer nicht", std::string("\x08\x0e\x12\x00\xfe", 5)},
              "");
    };
  });
  const Outcome outcome = call("x");
  EXPECT_EQ(outcome.status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(outcome.status.error_message(), "try later: 100 % voll, größer nicht");
  EXPECT_EQ(outcome.status.error_details(), std::string("\x08\x0e\x12\x00\xfe", 5));
}

TEST_F(GrpcCppClient, RefusalBeforeTheWholeBodyIsUnderstood) {
  on_loop(
      [this] { handler_->grpc_check = [](const ServerRequest&) { return GrpcStatus{7, "not here", {}}; }; });
  const Outcome outcome = call(std::string(10u << 20, 'x'));
  EXPECT_EQ(outcome.status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(outcome.status.error_message(), "not here");
}

TEST_F(GrpcCppClient, MessageOverTheLimitIsResourceExhausted) {
  const Outcome outcome = call(std::string((64u << 20) + 1, 'x'));
  EXPECT_EQ(outcome.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(call("after it").status.ok());
}

TEST_F(GrpcCppClient, DeadlineOfTheClientHolds) {
  on_loop([this] { handler_->grpc = [](ServerRequest, GrpcResponder) {}; });
  EXPECT_EQ(call("x", 50ms).status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST_F(GrpcCppClient, GracefulDrainLosesNoCall) {
  std::unique_ptr<Server> successor;
  int calls = 0;
  on_loop([&] {
    handler_->grpc = [&](ServerRequest request, GrpcResponder respond) {
      if (++calls == 50) {
        ServerOptions options;
        options.address = "127.0.0.1";
        options.port = server_->port();
        successor = std::move(*core_->listen(options, handler_, budget_));
        server_->drain(10s, [] {});
      }
      respond({}, std::string(as_text(request.body.view())));
    };
  });
  for (int i = 0; i < 200; ++i) {
    const Outcome outcome = call(std::to_string(i));
    ASSERT_TRUE(outcome.status.ok()) << i << ": " << outcome.status.error_message();
  }
  on_loop([&] { successor.reset(); });
}

// ---- our client, gRPC's server ----

// Echoes on a thread of its own; a message "status" is answered with an error, "hang" not at all.
class EchoPeer {
 public:
  EchoPeer() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterAsyncGenericService(&service_);
    builder.SetMaxReceiveMessageSize(-1);
    queue_ = builder.AddCompletionQueue();
    server_ = builder.BuildAndStart();
    thread_ = std::thread([this] { serve(); });
  }
  ~EchoPeer() {
    shutdown(0ms);
    queue_->Shutdown();
    thread_.join();
  }

  std::uint16_t port() const { return static_cast<std::uint16_t>(port_); }
  void shutdown(std::chrono::milliseconds grace) {
    server_->Shutdown(std::chrono::system_clock::now() + grace);
  }

  std::atomic<bool> compress{false};
  std::promise<void> hanging;

 private:
  struct Call {
    grpc::GenericServerContext context;
    grpc::GenericServerAsyncReaderWriter stream{&context};
    grpc::ByteBuffer message;
    enum { kAccept, kRead, kDone } step = kAccept;
  };

  void accept() {
    auto* call = new Call;
    service_.RequestCall(&call->context, &call->stream, queue_.get(), queue_.get(), call);
  }

  void serve() {
    accept();
    void* tag = nullptr;
    bool ok = false;
    std::vector<std::unique_ptr<Call>> hung;
    while (queue_->Next(&tag, &ok)) {
      std::unique_ptr<Call> call(static_cast<Call*>(tag));
      if (!ok || call->step == Call::kDone) continue;
      if (call->step == Call::kAccept) {
        accept();
        if (compress) call->context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
        call->step = Call::kRead;
        call->stream.Read(&call->message, call.get());
      } else if (const std::string text = text_of(call->message); text == "hang") {
        hanging.set_value();
        hung.push_back(std::move(call));
        continue;
      } else {
        call->step = Call::kDone;
        if (text == "status") {
          const grpc::Status status(grpc::StatusCode::RESOURCE_EXHAUSTED, "voll: 100 %",
                                    std::string("\x08\x08\xff", 3));
          call->stream.Finish(status, call.get());
        } else {
          call->stream.WriteAndFinish(call->message, grpc::WriteOptions(), grpc::Status::OK, call.get());
        }
      }
      static_cast<void>(call.release());  // its tag is with the queue
    }
  }

  int port_ = 0;
  grpc::AsyncGenericService service_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<grpc::Server> server_;
  std::thread thread_;
};

class GrpcCppServer : public TransportTest {
 protected:
  void SetUp() override {
    ClientOptions options;
    options.host = "127.0.0.1";
    options.port = peer_.port();
    options.max_response_bytes = 64u << 20;
    client_ = core_->connect(options);
  }

  EchoPeer peer_;
  std::unique_ptr<Client> client_;
};

TEST_F(GrpcCppServer, MessagesOfAllSizesAndEncodingsComeBack) {
  for (const bool compress : {false, true}) {
    peer_.compress = compress;
    for (const std::size_t size : {0u, 1u, 16'384u, 100'000u, 5u << 20}) {
      const std::string body(size, 'm');
      for (const auto compression : {Compression::kNone, Compression::kGzip, Compression::kDeflate}) {
        ClientRequest packed = request(kMethod, body);
        packed.compression = compression;
        const auto answer = exchange(*client_, std::move(packed));
        ASSERT_TRUE(answer) << answer.error().to_string();
        EXPECT_EQ(answer->grpc.code, 0) << answer->grpc.message;
        EXPECT_TRUE(answer->body == body) << size;
      }
    }
  }
}

TEST_F(GrpcCppServer, ManyCallsAtOnceAreAllAnswered) {
  constexpr int kCalls = 500;
  int answered = 0;
  for (int i = 0; i < kCalls; ++i) {
    client_->call(request(kMethod, std::to_string(i)), [&, i](Result<ClientResponse> result) {
      ASSERT_TRUE(result) << result.error().to_string();
      EXPECT_EQ(result->body, std::to_string(i));
      if (++answered == kCalls) finish();
    });
  }
  run();
  EXPECT_EQ(answered, kCalls);
}

TEST_F(GrpcCppServer, StatusMessageAndDetailsAreUnderstood) {
  const auto answer = exchange(*client_, request(kMethod, "status"));
  ASSERT_TRUE(answer) << answer.error().to_string();
  EXPECT_EQ(answer->grpc.code, 8);
  EXPECT_EQ(answer->grpc.message, "voll: 100 %");
  EXPECT_EQ(answer->grpc.details, std::string("\x08\x08\xff", 3));
}

TEST_F(GrpcCppServer, DeadlineHoldsAndTheNextCallIsWell) {
  ClientRequest hang = request(kMethod, "hang");
  hang.timeout = 50ms;
  const auto late = exchange(*client_, std::move(hang));
  // The server knows the deadline too, and either side may be the first to say so.
  if (late) {
    EXPECT_EQ(late->grpc.code, 4);
  } else {
    EXPECT_EQ(late.error().code, Code::kDeadlineExceeded);
  }
  EXPECT_TRUE(exchange(*client_, request(kMethod, "x")));
}

TEST_F(GrpcCppServer, ShutdownFailsWhatIsUnderWayAsUnavailable) {
  ASSERT_TRUE(exchange(*client_, request(kMethod, "x")));
  std::optional<Result<ClientResponse>> outcome;
  client_->call(request(kMethod, "hang"), [&](Result<ClientResponse> result) {
    outcome = std::move(result);
    finish();
  });
  std::thread stopper([this] {
    peer_.hanging.get_future().wait();
    peer_.shutdown(20ms);
  });
  run();
  stopper.join();
  ASSERT_TRUE(outcome);
  if (*outcome) {
    EXPECT_NE((*outcome)->grpc.code, 0);
  } else {
    EXPECT_EQ(outcome->error().code, Code::kUnavailable);
  }
}

}  // namespace
}  // namespace otlpipe::worker::transport
