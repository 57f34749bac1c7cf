#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "common/base/bytes.h"
#include "worker/compression/compression.h"
#include "worker/data/signal.h"

namespace otlpipe::bench {

struct SinkTotals {
  std::uint64_t requests = 0;
  std::uint64_t bytes = 0;  // of messages as they came
  std::uint64_t bad = 0;    // requests that could not be counted
  std::array<std::uint64_t, worker::kSignalCount> records{};
};

// Counts what requests hold. Keeps decompression contexts from call to call; not thread safe.
class SinkCounter {
 public:
  explicit SinkCounter(bool only_requests)
      : only_requests_(only_requests), decompressor_(worker::compression::make_decompressor()) {}

  bool only_requests() const { return only_requests_; }
  // One gRPC message with its prefix; false when it is none, or its path or encoding is not known.
  bool count(std::string_view path, std::string_view encoding, ByteView message);
  // One request of which nothing but its size is known.
  void count_request(std::uint64_t bytes);
  const SinkTotals& totals() const { return totals_; }

 private:
  bool count_message(std::string_view path, std::string_view encoding, ByteView message);

  bool only_requests_;
  std::unique_ptr<worker::compression::Decompressor> decompressor_;
  SinkTotals totals_;
};

}  // namespace otlpipe::bench
