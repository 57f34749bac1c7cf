#include "worker/app/allocator.h"

#include <malloc.h>

namespace otlpipe::worker::app {
namespace {

// What is free at the end of a core's heap is given back once it is more than this.
constexpr int kKept = 8 << 20;
// What is larger is mapped by itself and given back at once.
constexpr int kMapped = 8 << 20;

}  // namespace

void tune_allocator() {
  mallopt(M_TRIM_THRESHOLD, kKept);
  mallopt(M_MMAP_THRESHOLD, kMapped);
}

}  // namespace otlpipe::worker::app
