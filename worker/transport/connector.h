#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "common/base/result.h"
#include "worker/transport/asio_loop.h"

namespace otlpipe::worker::transport {

// Resolves a name (or takes an address as it is) and connects to one of its addresses: they are tried one
// after the other, beginning with number `rotation`, so that connections spread over a headless service; each
// gets an equal part of what is left of the timeout. `done` is called once from the loop, unless the returned
// handle is destroyed before.
class Connector {
 public:
  using Done = std::function<void(Result<boost::asio::ip::tcp::socket>)>;
  virtual ~Connector() = default;

  static std::unique_ptr<Connector> start(AsioLoop& loop, const std::string& host, std::uint16_t port,
                                          Duration timeout, std::size_t rotation, Done done);
};

}  // namespace otlpipe::worker::transport
