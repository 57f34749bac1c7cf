#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace otlpipe::http {

struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body = {};
};

// Answers GET (and HEAD) of a path without its query. Called on the server's own thread, one request at a
// time; must not block long.
using Handler = std::function<Response(std::string_view path)>;

struct ServerOptions {
  std::string address = "0.0.0.0";
  std::uint16_t port = 0;            // 0: any free one
  std::size_t max_connections = 64;  // more are closed at once
  std::size_t max_request_bytes = 16 * 1024;
  int timeout_seconds = 10;  // for a request to arrive and an answer to leave
};

// Listens from construction to destruction on a thread of its own. Other methods than GET and HEAD are 405.
class Server {
 public:
  // kUnavailable naming address and port when the port cannot be had.
  static Result<std::unique_ptr<Server>> start(const ServerOptions& options, Handler handler);
  virtual ~Server() = default;
  virtual std::uint16_t port() const = 0;
};

}  // namespace otlpipe::http
