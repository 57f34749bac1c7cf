#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "common/base/error.h"
#include "worker/data/batch.h"

namespace otlpipe::worker::queue {

// How one attempt went.
struct SendResult {
  enum class Kind : std::uint8_t {
    kDelivered,  // `rejected` records of it were refused; never sent again
    kRetry,      // may work later, after `delay` when the backend named one
    kBadData,    // the backend cannot read it
    kTooLarge,   // over the backend's limit
    kRejected,   // refused for good, for another reason
  };
  Kind kind = Kind::kDelivered;
  std::uint64_t rejected = 0;
  std::optional<std::chrono::milliseconds> delay = {};
  Code code = Code::kUnknown;  // kRejected only
  std::string message = {};
};

// Sends batches. Lives on one loop. Destroying it ends attempts under way without calling back.
class Sender {
 public:
  using Done = std::function<void(SendResult)>;
  virtual ~Sender() = default;

  // What it compresses with. A batch that came in like that is sent on as it came (Batch::packed).
  virtual compression::Compression compression() const { return compression::Compression::kNone; }

  // `done` is called exactly once, maybe from inside send. `batch` need not outlive the call: what is needed
  // longer is shared by copying its chunks.
  virtual void send(const data::Batch& batch, Done done) = 0;
};

}  // namespace otlpipe::worker::queue
