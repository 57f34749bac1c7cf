#pragma once

// Requests of one signal (or parts of them) on their way together. The bytes of all chunks, one after the
// other, are one valid request. Move only; lives on one loop because of its Acks.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/concurrency/event_loop.h"
#include "worker/compression/compression.h"
#include "worker/data/ack.h"
#include "worker/data/metadata.h"
#include "worker/data/signal.h"
#include "worker/data/split.h"

namespace otlpipe::worker::data {

// What one original request contributes: `chunk_count` chunks and the duty to answer for them.
struct Part {
  std::size_t chunk_count = 0;
  std::size_t bytes = 0;
  std::uint64_t records = 0;
  Ack ack = {};
};

class Batch {
 public:
  explicit Batch(Signal signal) : signal_(signal) {}
  // One request that has passed `scan`.
  Batch(Signal signal, Bytes request, std::uint64_t records, Ack ack);
  Batch(Batch&&) noexcept = default;
  Batch& operator=(Batch&&) noexcept = default;
  ~Batch() = default;

  Signal signal() const { return signal_; }
  const std::vector<Bytes>& chunks() const { return chunks_; }
  const std::vector<Part>& parts() const { return parts_; }
  std::size_t bytes() const { return bytes_; }
  std::uint64_t records() const { return records_; }
  bool empty() const { return parts_.empty(); }
  // What all of it has in common; what is made out of the batch has it too.
  const MetadataPtr& metadata() const { return metadata_; }
  void set_metadata(MetadataPtr metadata) { metadata_ = std::move(metadata); }
  // Forgets what is not among `keys`.
  void keep_metadata(const std::vector<std::string>& keys);

  // All of its bytes compressed, as the request came in, when somebody wants to send it on so. Lost as soon
  // as the batch becomes another one: by append, bisect and a split that cuts.
  const compression::Packed& packed() const { return packed_; }
  void set_packed(compression::Packed packed) { packed_ = std::move(packed); }

  // Takes over the other's parts; both must be of the same signal. Unless both have the same metadata, the
  // result has none.
  void append(Batch&& other);

  // Every part's Ack hears the same outcome. The batch keeps its bytes. `outcome.rejected` is only handed on
  // when the batch has one part: nobody knows whose records a merged batch lost.
  void resolve(const Outcome& outcome);

  // Resolves as `outcome` and goes on without anybody waiting.
  void detach(const Outcome& outcome);

  // Lets the batch go to another loop: its Acks may be resolved or destroyed on any one thread from now on,
  // and whoever waits hears of it on `home`, which is the loop they live on now and outlives them.
  void answer_on(EventLoop& home);

  // Several Batches with the same bytes, for several destinations.
  std::vector<Batch> fan_out(std::size_t copies) &&;

  // Two batches of about half the parts each. Needs two parts or more.
  std::pair<Batch, Batch> bisect() &&;

  // Batches within the limits, cut at records, as even in records as one cut after another makes them. A
  // batch that is over limits.bytes holds a single record.
  std::vector<Batch> split(const Limits& limits) &&;

 private:
  void add(std::vector<Bytes> chunks, Part part);
  Batch part_of_it() const;

  Signal signal_;
  std::vector<Bytes> chunks_;
  std::vector<Part> parts_;
  std::size_t bytes_ = 0;
  std::uint64_t records_ = 0;
  MetadataPtr metadata_;
  compression::Packed packed_;
};

}  // namespace otlpipe::worker::data
