#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/time/clock.h"
#include "tests/bench/wire/load.h"
#include "tests/bench/wire/sockets.h"

namespace otlpipe::bench {

// What every request of a run is made of, prepared once.
struct Ammunition {
  std::string head;                 // HTTP/2: the header block; HTTP/1.1: unused
  std::vector<std::string> bodies;  // HTTP/2: gRPC messages; HTTP/1.1: whole requests
};

// One connection of the load generator. All calls on one thread.
class Sender {
 public:
  virtual ~Sender() = default;
  virtual int socket() const = 0;
  // Reads what has come, and reports to the load.
  virtual void receive(MonotonicTime now) = 0;
  // Takes what the load has and writes as much as goes. True when the socket is full.
  virtual bool send(MonotonicTime now) = 0;
  // The connection is of no use any more; its jobs have gone back to the load.
  virtual bool broken() const = 0;
};

// A connection that has been opened; the ammunition and the load outlive it.
std::unique_ptr<Sender> make_grpc_sender(Handle socket, const Ammunition& ammunition, Load& load,
                                         std::size_t in_flight);
std::unique_ptr<Sender> make_http_sender(Handle socket, const Ammunition& ammunition, Load& load);

}  // namespace otlpipe::bench
