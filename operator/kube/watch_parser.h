#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "operator/kube/client.h"

namespace otlpipe::kube {

// Cuts the body of a watch into events: one JSON object a line, in pieces of any size. Keeps at most one
// unfinished line. Not thread safe.
class WatchParser {
 public:
  WatchParser(std::size_t max_event_bytes, std::string where)
      : max_event_bytes_(max_event_bytes), where_(std::move(where)) {}

  // Calls back for each event that `bytes` completes. An ERROR event of the server becomes its Error; a line
  // that is malformed or too long is kDataLoss. After an error the parser is done.
  Status feed(std::string_view bytes, const WatchCallback& on_event);

  // What is left when the body ends: nothing, or kDataLoss for half a line.
  Status finish() const;

 private:
  Status line(std::string_view text, const WatchCallback& on_event) const;

  const std::size_t max_event_bytes_;
  const std::string where_;
  std::string partial_;
};

}  // namespace otlpipe::kube
