#pragma once

// Cuts one request into smaller valid ones at its records. No record is copied: a piece is a list of slices
// of the request with new headers (lengths) between them. Everything of a resource, scope or metric that is
// not a record is repeated in each piece that holds records of it, unknown fields included. Pure and thread
// safe.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/base/bytes.h"
#include "worker/data/signal.h"

namespace otlpipe::worker::data {

struct Piece {
  std::vector<Bytes> chunks;  // one after the other they are the piece
  std::size_t bytes = 0;
  std::uint64_t records = 0;
};

struct Limits {
  std::uint64_t records = 0;  // at most so many in a piece; 0: any number
  std::size_t bytes = 0;      // at most so large; 0: any size
};

// The pieces together hold the request's records, each once and in order. A piece is over limits.bytes only
// when it holds a single record (which is too large by itself). A request within the limits comes back as it
// is. `request` must have passed `scan`.
std::vector<Piece> split(Signal signal, const Bytes& request, std::uint64_t records, const Limits& limits);

}  // namespace otlpipe::worker::data
