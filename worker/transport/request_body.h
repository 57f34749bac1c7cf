#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "worker/transport/grpc_framing.h"
#include "worker/transport/transport.h"

namespace otlpipe::worker::transport {

// What every session of one server shares. Lives as long as any of them.
struct ServerContext {
  ServerOptions options;
  std::shared_ptr<ServerHandler> handler;  // replaced by Server::set_handler
  std::shared_ptr<MemoryBudget> budget;    // may be null: only the limits hold
  std::shared_ptr<compression::Decompressor> decompressor;
  const Clock* clock = nullptr;  // the wall clock of the Date header
  std::uint64_t requests = 0;
};

// One request's body from its headers to the decompressed bytes, whatever HTTP version carries it: limits,
// credit, gRPC framing, decompression. Errors are those that ServerHandler::*_refusal is told.
class RequestBody {
 public:
  // Reads the encoding and the announced length. kUnimplemented for an unknown encoding.
  static Result<RequestBody> open(const ServerContext& context, const Headers& headers,
                                  ServerProtocol protocol);

  Status append(ByteView data);
  // The body is complete: gives it, with the credits for it, to the request. Takes further credit for what
  // inflating needs.
  Status finish(const ServerContext& context, ServerRequest& request);

 private:
  Status take(ServerRequest& request);
  RequestBody(BodyBuffer buffer, ServerProtocol protocol, Compression compression)
      : reader_(std::move(buffer)), protocol_(protocol), compression_(compression) {}

  GrpcMessageReader reader_;
  ServerProtocol protocol_;
  Compression compression_;
};

// The encodings a server takes, as grpc-accept-encoding and Accept-Encoding list them.
inline constexpr std::string_view kGrpcEncodings = "identity,deflate,gzip,zstd";
inline constexpr std::string_view kHttpEncodings = "gzip, deflate, zstd, br";

}  // namespace otlpipe::worker::transport
