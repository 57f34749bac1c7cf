// What the engine itself costs: its server and its client on one loop, so one core does both sides of every
// request. usage: transport_loopback_bench [SECONDS]; prints a line a case.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include "tests/worker/transport/fakes.h"

namespace otlpipe::worker::transport {
namespace {

struct Case {
  const char* name;
  bool grpc;
  std::size_t body;
  int in_flight;
  Compression compression;
};

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

std::string telemetry(std::size_t size) {
  std::string text;
  unsigned n = 1;
  while (text.size() < size) {
    n = n * 1664525 + 1013904223;
    text += "service.name=checkout http.route=/cart/{id} trace=" + std::to_string(n) + ";";
  }
  text.resize(size);
  return text;
}

class Empty final : public ServerHandler {
 public:
  std::optional<HttpResponse> check_http(const ServerRequest&) override { return std::nullopt; }
  std::optional<GrpcStatus> check_grpc(const ServerRequest&) override { return std::nullopt; }
  void on_http(ServerRequest, HttpResponder respond) override { respond({}); }
  void on_grpc(ServerRequest, GrpcResponder respond) override { respond({}, {}); }
  HttpResponse http_refusal(const ServerRequest&, const Error&) override { return {500, {}, {}}; }
  GrpcStatus grpc_refusal(const ServerRequest&, const Error& error) override {
    return {13, error.message, {}};
  }
};

void measure(const Case& c, double seconds) {
  const auto core = make_core();
  ServerOptions options;
  options.address = "127.0.0.1";
  options.protocol = c.grpc ? ServerProtocol::kGrpc : ServerProtocol::kHttp;
  auto server = core->listen(options, std::make_shared<Empty>(), std::make_shared<CountingBudget>(1u << 30));
  if (!server) std::exit(1);
  ClientOptions to;
  to.host = "127.0.0.1";
  to.port = (*server)->port();
  to.grpc = c.grpc;
  to.max_connections = c.grpc ? 1 : static_cast<std::size_t>(c.in_flight);
  to.max_requests_per_connection = static_cast<std::size_t>(c.in_flight);
  auto client = core->connect(to);
  const Bytes body = Bytes::from(telemetry(c.body));
  std::uint64_t done = 0;
  bool over = false;
  const std::function<void()> next = [&] {
    ClientRequest request;
    request.path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    request.body.push_back(body);
    request.compression = c.compression;
    client->call(std::move(request), [&](Result<ClientResponse> result) {
      if (over) return;
      if (!result || result->http_status != 200 || result->grpc.code != 0) {
        std::fprintf(stderr, "%s\n",
                     result ? result->grpc.message.c_str() : result.error().to_string().c_str());
        std::exit(2);
      }
      ++done;
      next();
    });
  };
  for (int i = 0; i < c.in_flight; ++i) next();
  core->loop().after(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds)), [&] {
    over = true;
    core->stop();
  });
  const double before = cpu_seconds();
  core->run();
  const double spent = cpu_seconds() - before;
  const double each = spent / static_cast<double>(done);
  std::printf("%-28s %10.2f us a request %10.0f MB/s\n", c.name, each * 1e6,
              static_cast<double>(c.body) / each / 1e6);
  client.reset();
  server->reset();
}

void measure_all(double seconds, std::string_view only) {
  for (const Case& c : {Case{"grpc 100 B", true, 100, 64, Compression::kNone},
                        Case{"grpc 100 B, one at a time", true, 100, 1, Compression::kNone},
                        Case{"grpc 2 KiB", true, 2'048, 64, Compression::kNone},
                        Case{"grpc 200 KiB", true, 200 << 10, 16, Compression::kNone},
                        Case{"grpc 4 MiB", true, 4 << 20, 8, Compression::kNone},
                        Case{"grpc 200 KiB gzip", true, 200 << 10, 16, Compression::kGzip},
                        Case{"grpc 200 KiB zstd", true, 200 << 10, 16, Compression::kZstd},
                        Case{"http 100 B", false, 100, 64, Compression::kNone},
                        Case{"http 200 KiB", false, 200 << 10, 16, Compression::kNone},
                        Case{"http 200 KiB br", false, 200 << 10, 16, Compression::kBrotli}}) {
    if (std::string_view(c.name).find(only) != std::string_view::npos) measure(c, seconds);
  }
}

}  // namespace
}  // namespace otlpipe::worker::transport

int main(int argc, char** argv) {
  otlpipe::worker::transport::measure_all(argc > 1 ? std::atof(argv[1]) : 2.0, argc > 2 ? argv[2] : "");
  return 0;
}
