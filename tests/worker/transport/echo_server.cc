// A server for tools that test from outside (h2spec, curl): answers every request, HTTP with what came, gRPC
// with the message itself. usage: transport_echo_server grpc|http; prints its port and runs until its
// standard input ends.
#include <cstdio>
#include <cstring>
#include <thread>

#include <unistd.h>

#include "tests/worker/transport/fakes.h"

namespace otlpipe::worker::transport {
namespace {

int serve(bool grpc) {
  const auto core = make_core();
  ServerOptions options;
  options.address = "127.0.0.1";
  options.protocol = grpc ? ServerProtocol::kGrpc : ServerProtocol::kHttp;
  const auto server = core->listen(options, std::make_shared<ScriptedHandler>(), nullptr);
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().to_string().c_str());
    return 1;
  }
  std::printf("%u\n", static_cast<unsigned>((*server)->port()));
  std::fflush(stdout);
  std::jthread until_end_of_input([&] {
    char byte = 0;
    while (::read(STDIN_FILENO, &byte, 1) > 0) {
    }
    core->stop();
  });
  core->run();
  return 0;
}

}  // namespace
}  // namespace otlpipe::worker::transport

int main(int argc, char** argv) {
  return otlpipe::worker::transport::serve(argc > 1 && std::strcmp(argv[1], "grpc") == 0);
}
