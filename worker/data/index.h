#pragma once

// Where the parts of a request lie: its resources, their scopes, (the metrics,) and the records, in the order
// of the wire. Built from bytes that `scan` has accepted, by touching only the lengths of the upper levels
// (about 10 ns a record), and only when somebody has to cut a request; passing one on needs no index.

#include <cstdint>
#include <vector>

#include "common/base/bytes.h"
#include "worker/data/signal.h"

namespace otlpipe::worker::data {

// One message of the upper levels. Offsets count from the beginning of the request.
struct Node {
  std::size_t begin = 0;          // of the field: its key
  std::size_t payload = 0;        // behind key and length
  std::size_t end = 0;            // behind the last byte
  std::uint32_t field = 0;        // the field's number in its parent
  std::uint32_t subtree_end = 0;  // position in the index behind the last node that lies inside this one
  bool record = false;
};

// The nodes in depth-first order: a node's children are the nodes after it, up to its subtree_end.
struct Index {
  std::vector<Node> nodes;
  std::uint64_t records = 0;
};

// Stops where the bytes are not well formed, which cannot happen after `scan`. Thread safe.
Index build_index(Signal signal, ByteView request);

}  // namespace otlpipe::worker::data
