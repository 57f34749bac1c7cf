#pragma once

#include "common/base/result.h"
#include "tests/bench/wire/blast_options.h"
#include "tests/bench/wire/sender.h"

namespace otlpipe::bench {

struct Prepared {
  Ammunition ammunition;
  double payload_bytes = 0;  // of an average request, before compression
  double wire_bytes = 0;     // and its body as it is sent
};

// Makes, compresses and frames the bodies of a run.
Result<Prepared> prepare(const BlastOptions& options);

}  // namespace otlpipe::bench
