#pragma once

// What the rest of the worker knows of the network. Servers speak HTTP/1.1 and HTTP/2 (prior knowledge, as
// gRPC does) on the same port; clients speak the one that is asked for. Everything here lives on one
// EventLoop: it is created, called and destroyed on that loop's thread, and calls back on it.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/concurrency/event_loop.h"
#include "worker/compression/compression.h"
#include "worker/transport/memory.h"

namespace otlpipe::worker::transport {

// Header names are lower case.
using Headers = std::vector<std::pair<std::string, std::string>>;

// The first value of `name` (lower case), or empty.
std::string_view find_header(const Headers& headers, std::string_view name);

// ---- Server ----

// A gRPC status as it goes over the wire. `details` is a serialized google.rpc.Status
// (grpc-status-details-bin), or empty.
struct GrpcStatus {
  int code = 0;
  std::string message = {};
  std::string details = {};
};

// A body as it came, and the credit for it. There is one only when it came compressed, in the plain form
// (compression::Decompressed) and to half of its content or less: good enough to be sent on as it is.
struct PackedBody {
  compression::Packed body = {};
  MemoryCredit credit = {};
};

// A complete request. `body` is decompressed and without gRPC framing; its credit is held by `credit`.
struct ServerRequest {
  std::string method;  // "POST"
  std::string path;    // "/v1/traces"; for gRPC "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
  Headers headers;     // without pseudo headers
  std::string peer;    // "127.0.0.1:53412"
  Bytes body = {};
  MemoryCredit credit = {};
  PackedBody packed = {};
};

struct HttpResponse {
  int status = 200;
  Headers headers = {};  // content-length and date are added
  std::string body = {};
};

// How to answer one request. Calling it is optional only when the connection is known to be gone; the first
// call counts. It may be called later than the handler returns and after the connection died (then it does
// nothing), on the loop's thread.
using HttpResponder = std::function<void(HttpResponse)>;
using GrpcResponder = std::function<void(GrpcStatus, std::string message)>;

// Decides what happens to requests. Implemented by receivers.
class ServerHandler {
 public:
  virtual ~ServerHandler() = default;

  // Called when the headers are in, before the body is read: nullopt to go on, or the answer to give at once
  // (404, 405, 415, 401, …). The rest of the body is then discarded.
  virtual std::optional<HttpResponse> check_http(const ServerRequest& head) = 0;
  virtual std::optional<GrpcStatus> check_grpc(const ServerRequest& head) = 0;

  // A complete request.
  virtual void on_http(ServerRequest request, HttpResponder respond) = 0;
  virtual void on_grpc(ServerRequest request, GrpcResponder respond) = 0;

  // The transport refuses a request itself: the body is over the limit (kResourceExhausted, never retryable),
  // cannot be decompressed (kInvalidArgument), uses an unknown encoding (kUnimplemented; the message lists
  // what is known), stalls (kDeadlineExceeded), or the memory budget is used up (kUnavailable with a retry
  // delay). A malformed or too large head of HTTP/1.1 comes here too, with as much of `head` as was read; its
  // status becomes 431 when the head is too large. The handler says what that looks like in its protocol.
  virtual HttpResponse http_refusal(const ServerRequest& head, const Error& error) = 0;
  virtual GrpcStatus grpc_refusal(const ServerRequest& head, const Error& error) = 0;
};

enum class ServerProtocol {
  kGrpc,
  kHttp
};  // kGrpc: HTTP/2 only, gRPC framing. kHttp: HTTP/1.1 and HTTP/2 with prior knowledge, plain bodies.

struct ServerOptions {
  std::string address = "0.0.0.0";
  std::uint16_t port = 0;  // 0: any free one, see Server::port
  ServerProtocol protocol = ServerProtocol::kGrpc;
  std::size_t max_message_bytes = 64u << 20;    // before and after decompression
  std::size_t max_connections = 8192;           // per loop
  std::uint32_t max_concurrent_streams = 1024;  // per HTTP/2 connection
  std::size_t max_header_bytes = 64u << 10;
  std::chrono::milliseconds idle_timeout{120'000};       // no request on the connection
  std::chrono::milliseconds body_timeout{30'000};        // no byte of a started body
  std::chrono::milliseconds keepalive_interval{60'000};  // HTTP/2 PING when silent
  std::chrono::milliseconds keepalive_timeout{20'000};   // and no sign of life after it: closed
  std::chrono::milliseconds max_connection_age{0};       // 0: no limit; ends gracefully, with jitter of 10 %
  std::chrono::milliseconds max_connection_age_grace{30'000};
  bool reuse_port = true;  // several loops listen on the same port
};

struct ServerStats {  // of this loop's server, since its start
  std::uint64_t connections_opened = 0;
  std::uint64_t connections_open = 0;
  std::uint64_t requests = 0;
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_written = 0;
};

class Server {
 public:
  virtual ~Server() = default;  // closes everything at once; not from inside a handler's call
  virtual std::uint16_t port() const = 0;
  // From now on requests go to another handler (configuration reload); requests under way are answered by the
  // old one.
  virtual void set_handler(std::shared_ptr<ServerHandler> handler) = 0;
  // Stops accepting, sends GOAWAY (or Connection: close), lets requests under way finish; `done` is called
  // once when the last connection has closed. Connections still open after `grace` are closed. Only the first
  // call counts.
  virtual void drain(std::chrono::milliseconds grace, std::function<void()> done) = 0;
  virtual ServerStats stats() const = 0;
};

// ---- Client ----

using compression::Compression;  // kNone, kGzip, kDeflate, kZstd, kBrotli

struct ClientOptions {
  std::string host;  // name or address
  std::uint16_t port = 0;
  bool grpc = true;       // true: HTTP/2 with gRPC framing; false: HTTP/1.1
  std::string authority;  // default "host:port"
  std::string user_agent = "otlpipe";
  std::size_t max_connections = 100;             // of this loop to this peer
  std::size_t max_requests_per_connection = 64;  // in flight; HTTP/1.1 always 1
  std::size_t max_response_bytes = 4u << 20;
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds idle_timeout{30'000};  // then an unused connection closes
  std::chrono::milliseconds keepalive_interval{30'000};
  std::chrono::milliseconds keepalive_timeout{10'000};
};

struct ClientRequest {
  std::string path;                              // "/v1/traces" or "/package.Service/Method"
  Headers headers = {};                          // content-type of HTTP requests included
  std::vector<Bytes> body = {};                  // parts that are sent one after the other
  Compression compression = Compression::kNone;  // what the body goes out in, and the header names
  bool compressed = false;  // `body` has been compressed in that way; else the transport does it
  std::chrono::milliseconds timeout{10'000};  // from call() to the answer; also sent as grpc-timeout
};

struct ClientResponse {
  int http_status = 0;
  GrpcStatus grpc = {};   // gRPC only
  Headers headers = {};   // gRPC: headers and trailers
  std::string body = {};  // decompressed, without gRPC framing
};

// One peer's connections on one loop. Names are resolved anew for every connection.
class Client {
 public:
  virtual ~Client() = default;  // calls under way end with kCancelled

  // `done` is called exactly once, never from inside call(). An Error means that no answer came: kUnavailable
  // (refused, reset, name not found; retry with backoff), kDeadlineExceeded, kCancelled. An answer with a bad
  // status is a ClientResponse. Calls beyond what the connections take wait in order, their timeout running.
  virtual void call(ClientRequest request, std::function<void(Result<ClientResponse>)> done) = 0;
};

// ---- The loops ----

// One event loop and what lives on it. Thread safe where said.
class Core {
 public:
  virtual ~Core() = default;
  virtual EventLoop& loop() = 0;  // thread safe
  virtual Result<std::unique_ptr<Server>> listen(
      const ServerOptions& options, std::shared_ptr<ServerHandler> handler,
      std::shared_ptr<MemoryBudget> budget) = 0;                              // on the loop, or before run
  virtual std::unique_ptr<Client> connect(const ClientOptions& options) = 0;  // on the loop, or before run
  virtual void run() = 0;   // until stop(); call on the thread that is to be the core's
  virtual void stop() = 0;  // thread safe
};

std::unique_ptr<Core> make_core();

}  // namespace otlpipe::worker::transport
