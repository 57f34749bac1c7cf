#pragma once

#include <list>
#include <memory>

#include "worker/transport/protocol.h"
#include "worker/transport/transport.h"

namespace otlpipe::worker::transport {

class ClientSession;

// One call from Client::call to its answer; the pool owns it, a session carries it for a while.
struct ClientCall {
  ClientRequest request;       // the body is compressed already when it is to be
  std::size_t body_bytes = 0;  // of all parts
  std::function<void(Result<ClientResponse>)> done;
  EventLoop::TimerId timer = EventLoop::kNoTimer;
  int attempts = 0;
  ClientSession* session = nullptr;                          // null while it waits
  void* stream = nullptr;                                    // the session's own
  std::list<std::shared_ptr<ClientCall>>::iterator waiting;  // while it waits
};
using ClientCallPtr = std::shared_ptr<ClientCall>;

// What a session tells its pool. The pool acts on it later, never from within.
class ClientSessionEvents {
 public:
  virtual ~ClientSessionEvents() = default;
  virtual void on_answer(ClientCallPtr call, Result<ClientResponse> result) = 0;
  // The peer has certainly not looked at it (or it is the one retry of a stale connection): it may go
  // elsewhere.
  virtual void on_unprocessed(ClientCallPtr call, const Error& reason) = 0;
  virtual void on_capacity() = 0;  // more calls may be started than before
};

// What a client connection's protocol offers beyond bytes.
class ClientSession {
 public:
  virtual ~ClientSession() = default;
  virtual void start(ClientCallPtr call) = 0;          // only while capacity() > 0
  virtual void cancel(const ClientCallPtr& call) = 0;  // its answer is not wanted any more
  virtual std::size_t capacity() const = 0;            // further calls that may start now
  virtual bool open_for_more() const = 0;              // false: drains, will never have capacity again
};

// A session under its two names; `calls` lives as long as `protocol`.
struct ClientSessionParts {
  std::unique_ptr<Protocol> protocol;
  ClientSession* calls = nullptr;
};

// What every session of one client shares. Lives as long as any of them.
struct ClientContext {
  ClientOptions options;
  std::shared_ptr<compression::Decompressor> decompressor;
};

ClientSessionParts make_http2_client_session(std::shared_ptr<const ClientContext> context,
                                             ClientSessionEvents& events, Carrier& carrier,
                                             MonotonicTime now);
ClientSessionParts make_http1_client_session(std::shared_ptr<const ClientContext> context,
                                             ClientSessionEvents& events, Carrier& carrier,
                                             MonotonicTime now);

}  // namespace otlpipe::worker::transport
