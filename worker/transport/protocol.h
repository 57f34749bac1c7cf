#pragma once

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/time/clock.h"
#include "worker/transport/output_queue.h"

namespace otlpipe::worker::transport {

// One connection's protocol without its socket: bytes in, bytes out, time as a value. That is what makes the
// sessions testable and fuzzable in memory. All calls come from the loop's thread and never from inside
// another one of them.
class Protocol {
 public:
  virtual ~Protocol() = default;

  // Bytes that arrived. They are not kept.
  virtual void receive(ByteView data) = 0;
  // The peer will send nothing more (but may still read).
  virtual void receive_end() = 0;
  // Appends what there is to write, as long as `out` holds less than kOutputHighWater.
  virtual void produce(OutputQueue& out) = 0;
  // False while no more input is wanted (a pipelined request waits for the answer to the one before it).
  virtual bool wants_input() const = 0;
  // Nothing more will be written or is wanted: the connection closes once the queue is empty.
  virtual bool finished() const = 0;
  // The connection is to be closed at once, whatever is still queued.
  virtual bool aborted() const { return false; }
  // Called a few times a second at least: everything that waits for something looks at how long.
  virtual void tick(MonotonicTime now) = 0;
  // No new requests; finishes when those under way are answered.
  virtual void begin_drain() = 0;
  // The connection broke. Nothing is called after this.
  virtual void lost(const Error& reason) = 0;

  static constexpr std::size_t kOutputHighWater = 512 * 1024;
};

// What a protocol asks of the connection that carries it.
class Carrier {
 public:
  virtual ~Carrier() = default;
  // Something changed outside receive() and tick(): ask produce(), wants_input() and finished() soon. Cheap
  // to call often.
  virtual void wake() = 0;
};

}  // namespace otlpipe::worker::transport
